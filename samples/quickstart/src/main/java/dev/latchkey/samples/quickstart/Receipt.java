package dev.latchkey.samples.quickstart;

record Receipt(long order, String item, String signature) {}
