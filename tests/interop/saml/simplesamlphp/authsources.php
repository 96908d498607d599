<?php

$config = [
    'users' => [
        'exampleauth:UserPass',
        'ada:countess' => [
            'uid' => ['ada'],
            'mail' => ['ada@corp.example'],
            'groups' => ['Developers', 'Reviewers'],
        ],
    ],
];
