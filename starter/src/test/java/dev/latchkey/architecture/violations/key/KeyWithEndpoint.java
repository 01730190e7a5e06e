package dev.latchkey.architecture.violations.key;

import dev.latchkey.architecture.violations.actuate.Endpoint;

record KeyWithEndpoint(Endpoint endpoint) {}
