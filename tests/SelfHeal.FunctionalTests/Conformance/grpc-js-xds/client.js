'use strict';
// Usage: GRPC_XDS_BOOTSTRAP=FILE node client.js. Calls xds:///service one call after the other, and prints who answered
// (or "error" and why), one line each, until its standard input is closed. The first line is the client's version.
const grpc = require('@grpc/grpc-js');
const xds = require('@grpc/grpc-js-xds');

xds.register();
const client = new grpc.Client('xds:///service', grpc.credentials.createInsecure());
const same = (bytes) => bytes;

function call() {
  const deadline = new Date(Date.now() + 10000);
  client.makeUnaryRequest('/selfheal.test.Backend/Name', same, same, Buffer.alloc(0), { deadline }, (error, bytes) => {
    // A StringValue with a short text: tag, length, text.
    console.log(error ? `error ${error.code} ${error.details}` : bytes.subarray(2).toString());
    setTimeout(call, 2);
  });
}

console.log(`@grpc/grpc-js-xds ${require('@grpc/grpc-js-xds/package.json').version}`);
call();
process.stdin.on('end', () => process.exit(0)).resume();
