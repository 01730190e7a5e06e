/** What tests of every module share: a real server that they start by themselves. */
@NullMarked
package dev.latchkey.test;

import org.jspecify.annotations.NullMarked;
