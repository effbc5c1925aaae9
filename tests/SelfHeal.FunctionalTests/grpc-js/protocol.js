'use strict';
const path = require('path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const options = { longs: Number, defaults: true, includeDirs: [path.join(__dirname, '../../../protos'), __dirname] };
const load = (file) => grpc.loadPackageDefinition(loader.loadSync(file, options));

exports.echo = load('echo.proto').selfheal.test.Echo;
exports.health = load('grpc/health/v1/health.proto').grpc.health.v1.Health;
exports.reflection = load('grpc/reflection/v1/reflection.proto').grpc.reflection.v1.ServerReflection;
exports.reflectionAlpha = load('grpc/reflection/v1alpha/reflection.proto').grpc.reflection.v1alpha.ServerReflection;
