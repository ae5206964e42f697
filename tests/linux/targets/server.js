// Serve one line over HTTP on 127.0.0.1:PORT.
const http = require("http");
http.createServer((_, answer) => answer.end("hello"))
    .listen(Number(process.argv[2]), "127.0.0.1", () => console.log("ready"));
