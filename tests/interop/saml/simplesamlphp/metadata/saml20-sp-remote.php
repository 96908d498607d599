<?php

// Every service provider, from the metadata that it has published.

foreach (glob(getenv('INTEROP_SP') . '/*.xml') as $file) {
    $sp = SimpleSAML\Metadata\SAMLParser::parseFile($file)->getMetadata20SP();
    $name = basename($file, '.xml');
    $sp['saml20.sign.response'] = $name !== 'signed-assertion';
    $sp['saml20.sign.assertion'] = $name !== 'signed-response';
    $sp['assertion.encryption'] = $name === 'encrypted';
    $sp['nameid.encryption'] = $name === 'encrypted-name-id';
    if ($name === 'sha512') {
        $sp['signature.algorithm'] = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512';
    }
    $sp['validate.logout'] = true;
    $metadata[$sp['entityid']] = $sp;
}
