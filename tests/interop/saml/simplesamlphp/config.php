<?php

// SimpleSAMLphp as an identity provider for tests: everything that it writes is below INTEROP_WORK.

$work = getenv('INTEROP_WORK');

$config = [
    'baseurlpath' => getenv('INTEROP_BASE') . '/simplesaml/',
    'certdir' => getenv('INTEROP_KEYS') . '/',
    'metadatadir' => __DIR__ . '/metadata/',
    'attributenamemapdir' => '/etc/simplesamlphp/attributemap/',
    'loggingdir' => $work . '/',
    'datadir' => $work . '/',
    'tempdir' => $work . '/temp',
    'logging.level' => SimpleSAML\Logger::NOTICE,
    'logging.handler' => 'file',
    'logging.logfile' => 'simplesamlphp.log',
    'statistics.out' => [],
    'timezone' => 'UTC',
    'secretsalt' => 'published: for tests alone',
    'auth.adminpassword' => bin2hex(random_bytes(16)),
    'admin.checkforupdates' => false,
    'enable.saml20-idp' => true,
    'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
    'trusted.url.domains' => null,
    'session.cookie.secure' => false,
    'session.cookie.samesite' => null,
    'language.cookie.secure' => false,
    'language.cookie.samesite' => null,
    'language.available' => ['en'],
    'store.type' => 'sql',
    'store.sql.dsn' => 'sqlite:' . $work . '/sessions.sqlite',
    'metadata.sources' => [['type' => 'flatfile']],
    'authproc.idp' => [],
];
