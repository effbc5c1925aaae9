'use strict';
// Usage: node client.js <address> <scenario>. Makes the calls of one scenario and prints what came back as JSON.
const grpc = require('@grpc/grpc-js');
const { echo, health, reflection, reflectionAlpha } = require('./protocol.js');

const [address, scenario] = process.argv.slice(2);
const insecure = grpc.credentials.createInsecure();
const connect = (Service, options) => new Service(address, insecure, options);
const soon = (ms) => new Date(Date.now() + ms);

function unary(client, method, request, metadata, options) {
  return new Promise((resolve) => {
    const result = {};
    const call = client[method](request, metadata || new grpc.Metadata(), options || {}, (error, value) => {
      result.code = error ? error.code : 0;
      result.details = error ? error.details : '';
      result.value = value && value.value !== undefined ? value.value : value;
    });
    call.on('metadata', (received) => { result.headers = received.toJSON(); });
    call.on('status', (status) => {
      result.trailers = status.metadata.toJSON();
      setImmediate(() => resolve(result));
    });
  });
}

function collect(call, onMessage) {
  return new Promise((resolve) => {
    const messages = [];
    call.on('data', (message) => { messages.push(message); if (onMessage) onMessage(messages.length); });
    call.on('error', () => {});
    call.on('status', (status) => {
      setImmediate(() => resolve({ code: status.code, details: status.details, messages: messages.map((m) => m.value ?? m) }));
    });
  });
}

const scenarios = {
  unary: () => unary(connect(echo), 'Unary', { value: 'hello' }),
  count: () => collect(connect(echo).Count({ value: 100 })),
  join: () => new Promise((resolve) => {
    const call = connect(echo).Join((error, value) => resolve({ code: error ? error.code : 0, value: value && value.value }));
    for (const value of ['a', 'b', 'c']) call.write({ value });
    call.end();
  }),
  chat: () => {
    const call = connect(echo).Chat();
    const result = collect(call, (count) => { if (count < 3) call.write({ value: `m${count}` }); else call.end(); });
    call.write({ value: 'm0' });
    return result;
  },
  sink: () => new Promise((resolve) => {
    const call = connect(echo).Sink((error, value) => resolve({ code: error ? error.code : 0, value: value && value.value }));
    for (let i = 0; i < 50; i++) call.write({ value: Buffer.alloc(100000, i) });
    call.end();
  }),
  gzip: async () => {
    const client = connect(echo, { 'grpc.default_compression_algorithm': 2 });
    return unary(client, 'Unary', { value: 'z'.repeat(100000) });
  },
  sinkGzip: () => new Promise((resolve) => {
    const call = connect(echo, { 'grpc.default_compression_algorithm': 2 })
      .Sink((error, value) => resolve({ code: error ? error.code : 0, value: value && value.value }));
    for (let i = 0; i < 5; i++) call.write({ value: Buffer.alloc(100000, i) });
    call.end();
  }),
  gzipBomb: () => unary(connect(echo, { 'grpc.default_compression_algorithm': 2 }), 'Unary', { value: 'z'.repeat(6 << 20) }),
  deadline: () => unary(connect(echo), 'Unary', { value: 'wait' }, null, { deadline: soon(200) }),
  metadata: () => {
    const metadata = new grpc.Metadata();
    metadata.add('x-text', 'one');
    metadata.add('x-text', 'two');
    metadata.add('x-blob-bin', Buffer.from([0, 1, 254, 255]));
    return unary(connect(echo), 'Unary', { value: 'metadata' }, metadata);
  },
  unknownMethod: () => new Promise((resolve) => {
    const same = (bytes) => bytes;
    new grpc.Client(address, insecure).makeUnaryRequest('/selfheal.test.Echo/Nothing', same, same, Buffer.alloc(0),
      (error) => resolve({ code: error.code, details: error.details }));
  }),
  oversized: () => unary(connect(echo), 'Unary', { value: 'x'.repeat(5 << 20) }),
  malformed: () => new Promise((resolve) => {
    const same = (bytes) => bytes;
    new grpc.Client(address, insecure).makeUnaryRequest('/selfheal.test.Echo/Unary', same, same, Buffer.from([0x0a, 0xff]),
      (error) => resolve({ code: error.code, details: error.details }));
  }),
  status: () => unary(connect(echo), 'Unary', { value: 'fail:9:größer als 100 % – 漢字 🚀' }),
  handlerFails: () => unary(connect(echo), 'Unary', { value: 'boom' }),
  cancel: () => {
    const call = connect(echo).Chat();
    const result = collect(call, () => call.cancel());
    call.write({ value: 'm0' });
    return result;
  },
  health: async () => {
    const client = connect(health);
    const known = await unary(client, 'Check', { service: '' });
    const unknown = await unary(client, 'Check', { service: 'nobody' });
    const watch = client.Watch({ service: '' });
    const watched = await new Promise((resolve) => {
      watch.on('error', () => {});
      watch.on('data', (message) => { watch.cancel(); resolve(message.status); });
    });
    return { code: known.code, value: known.value.status, unknown: unknown.code, watched };
  },
  reflection: async () => {
    const ask = async (Service) => {
      const call = connect(Service).ServerReflectionInfo();
      const result = collect(call);
      call.write({ listServices: '' });
      call.write({ fileContainingSymbol: 'grpc.health.v1.Health.Check' });
      call.write({ fileByFilename: 'no.proto' });
      call.end();
      return result;
    };
    const answers = await ask(reflection);
    const alpha = await ask(reflectionAlpha);
    return {
      code: answers.code,
      services: answers.messages[0].listServicesResponse.service.map((s) => s.name),
      files: answers.messages[1].fileDescriptorResponse.fileDescriptorProto.length,
      missing: answers.messages[2].errorResponse.errorCode,
      alpha: alpha.messages[0].listServicesResponse.service.length,
    };
  },
  shutdown: () => {
    const call = connect(echo).Chat();
    const result = collect(call, () => console.log('ready'));
    call.write({ value: 'm0' });
    return result;
  },
};

scenarios[scenario]().then((result) => {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
});
