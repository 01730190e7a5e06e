package dev.latchkey.architecture.violations.rotation;

public class Rotation {}
