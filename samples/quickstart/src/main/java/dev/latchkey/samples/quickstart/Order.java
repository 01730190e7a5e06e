package dev.latchkey.samples.quickstart;

record Order(long id, String item, String card) {}
