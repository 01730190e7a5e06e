package dev.latchkey.architecture.violations.keyset;

import dev.latchkey.architecture.violations.rotation.Rotation;

public class KeysetThatRotates extends Rotation {}
