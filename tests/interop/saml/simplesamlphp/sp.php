<?php

// What this identity provider has read in the metadata of a service provider.

require '/usr/share/simplesamlphp/lib/_autoload.php';

$sp = SimpleSAML\Metadata\MetaDataStorageHandler::getMetadataHandler()
    ->getMetaDataConfig($_GET['sp'], 'saml20-sp-remote');
$signing = $sp->getPublicKeys('signing', true);
header('Content-Type: text/plain');
echo implode("\n", [
    $sp->getString('entityid'),
    $sp->getDefaultEndpoint('AssertionConsumerService')['Location'],
    $sp->getBoolean('validate.authnrequest', false) ? 'true' : 'false',
    $signing[0]['X509Certificate'],
]);
