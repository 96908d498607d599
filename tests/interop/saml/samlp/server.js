// An identity provider of npm `samlp` with a login page. It reads the service provider's metadata at each request.
//
// node server.js PORT DIRECTORY_OF_SP_METADATA KEY CERTIFICATE
'use strict';

const crypto = require('crypto');
const express = require('express');
const fs = require('fs');
const path = require('path');
const samlp = require('samlp');
const { DOMParser } = require('@auth0/xmldom');
const xpath = require('xpath');

const [port, spDirectory, keyFile, certificateFile] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}/metadata`;
const key = fs.readFileSync(keyFile);
const cert = fs.readFileSync(certificateFile);

const ada = {
  id: 'ada',
  displayName: 'Ada Lovelace',
  name: { givenName: 'Ada', familyName: 'Lovelace' },
  emails: [{ value: 'ada@corp.example' }],
  groups: ['Developers', 'Reviewers'],
};

// How a response is protected, by the last part of the service provider's entity ID. Others get a signed assertion.
const protections = {
  'signed-response': () => ({ signAssertion: false, signResponse: true }),
  'signed-both': () => ({ signAssertion: true, signResponse: true }),
  encrypted: (sp) => ({
    encryptionCert: pem(sp.encryptionCertificate),
    encryptionPublicKey: crypto.createPublicKey(pem(sp.encryptionCertificate)).export({ type: 'spki', format: 'pem' }),
    encryptionAlgorithm: 'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  }),
};

const sessions = new Set();
const waiting = new Map();
const app = express();
app.use(express.urlencoded({ extended: false }));

app.get('/metadata', samlp.metadata({ issuer, cert, redirectEndpointPath: '/sso', postEndpointPath: '/sso' }));

app.all('/sso', (req, res, next) => {
  samlp.parseRequest(req, {}, (unreadable, request) => {
    if (unreadable) return next(unreadable);
    const sp = serviceProvider(request ? request.issuer : req.query.sp);
    // With our certificate at hand samlp refuses what is not signed.
    samlp.parseRequest(req, requestRules(sp), (refused) => {
      if (refused) return res.status(403).send(`refused: ${refused.message}`);
      const known = sessions.has(cookie(req, 'session'));
      const forced = request && request.forceAuthn === 'true';
      if (known && !forced) return answer(sp, req, res, next);
      const ticket = crypto.randomUUID();
      waiting.set(ticket, { sp, method: req.method, query: req.query, body: req.body });
      res.send(`<form method="post" action="/login"><input type="hidden" name="ticket" value="${ticket}">
        <input name="username"><input type="password" name="password"><button>Sign in</button></form>`);
    });
  });
});

app.post('/login', (req, res, next) => {
  const { ticket, username, password } = req.body;
  const asked = waiting.get(ticket);
  waiting.delete(ticket);
  if (!asked || username !== 'ada' || password !== 'countess') return res.status(401).send('wrong password');
  const session = crypto.randomUUID();
  sessions.add(session);
  res.cookie('session', session, { httpOnly: true });
  Object.assign(req, { method: asked.method, query: asked.query, body: asked.body });
  answer(asked.sp, req, res, next);
});

// What this identity provider has read in our metadata.
app.get('/sp', (req, res) => {
  const sp = serviceProvider(req.query.sp);
  res.type('text').send([sp.entityId, sp.acs, sp.signsRequests, sp.signingCertificate].join('\n'));
});

app.listen(Number(port), '127.0.0.1');

function answer(sp, req, res, next) {
  const protection = protections[path.basename(sp.entityId)] || (() => ({}));
  samlp.auth({
    issuer,
    key,
    cert,
    audience: sp.entityId,
    recipient: sp.acs,
    destination: sp.acs,
    sessionIndex: crypto.randomUUID(),
    getUserFromRequest: () => ada,
    getPostURL: (audience, request, incoming, callback) => callback(null, sp.acs),
    ...requestRules(sp),
    ...protection(sp),
  })(req, res, next);
}

function requestRules(sp) {
  return sp.signsRequests ? { signingCert: pem(sp.signingCertificate) } : {};
}

function serviceProvider(entityId) {
  const file = path.join(spDirectory, `${path.basename(entityId)}.xml`);
  const document = new DOMParser().parseFromString(fs.readFileSync(file, 'utf8'));
  const read = (expression) => xpath.select(`string(${expression})`, document);
  const local = (name) => `*[local-name()="${name}"]`;
  const certificate = (use) =>
    read(`//${local('KeyDescriptor')}[@use="${use}"]//${local('X509Certificate')}`).replace(/\s/g, '');
  const sp = {
    entityId: read(`/${local('EntityDescriptor')}/@entityID`),
    acs: read(`//${local('AssertionConsumerService')}/@Location`),
    signsRequests: read(`//${local('SPSSODescriptor')}/@AuthnRequestsSigned`) === 'true',
    signingCertificate: certificate('signing'),
    encryptionCertificate: certificate('encryption'),
  };
  if (sp.entityId !== entityId) throw new Error(`the metadata is of ${sp.entityId}, not of ${entityId}`);
  return sp;
}

function pem(certificate) {
  return `-----BEGIN CERTIFICATE-----\n${certificate.match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n`;
}

function cookie(req, name) {
  const pairs = (req.headers.cookie || '').split('; ').map((pair) => pair.split('='));
  return (pairs.find(([key]) => key === name) || [])[1];
}
