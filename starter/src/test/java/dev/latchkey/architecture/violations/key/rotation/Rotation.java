package dev.latchkey.architecture.violations.key.rotation;

public class Rotation {}
