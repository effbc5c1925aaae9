'use strict';
// Usage: node server.js. Serves until its standard input is closed; prints its port first.
const grpc = require('@grpc/grpc-js');
const { echo } = require('./protocol.js');

function unary(call, callback) {
  const text = call.request.value;
  if (text === 'wait') {
    call.on('cancelled', () => console.log('cancelled'));
    return;
  }
  if (text.startsWith('fail:')) {
    const [, code, details] = text.split(':');
    const metadata = new grpc.Metadata();
    metadata.set('x-trailer', 'why');
    callback({ code: Number(code), details, metadata });
    return;
  }
  if (text === 'metadata') {
    const headers = new grpc.Metadata();
    const trailers = new grpc.Metadata();
    for (const value of call.metadata.get('x-text')) headers.add('x-text', value);
    for (const value of call.metadata.get('x-blob-bin')) trailers.add('x-blob-bin', value);
    call.sendMetadata(headers);
    callback(null, { value: text }, trailers);
    return;
  }
  callback(null, { value: text });
}

const server = new grpc.Server({ 'grpc.max_receive_message_length': 4 << 20 });
server.addService(echo.service, {
  Unary: unary,
  Count: (call) => {
    for (let i = 0; i < call.request.value; i++) call.write({ value: `${i}` });
    call.end();
  },
  Join: (call, callback) => {
    const texts = [];
    call.on('data', (message) => texts.push(message.value));
    call.on('end', () => callback(null, { value: texts.join(',') }));
  },
  Chat: (call) => {
    call.on('data', (message) => call.write(message));
    call.on('end', () => { call.write({ value: 'end' }); call.end(); });
    call.on('cancelled', () => console.log('cancelled'));
  },
  Sink: (call, callback) => {
    let bytes = 0;
    call.on('data', (message) => { bytes += message.value.length; });
    call.on('end', () => callback(null, { value: bytes }));
  },
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
process.stdin.on('end', () => process.exit(0)).resume();
