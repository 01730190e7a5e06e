package dev.latchkey.architecture.violations.key;

import dev.latchkey.architecture.violations.key.rotation.Rotation;

public class KeysetThatRotates extends Rotation {}
