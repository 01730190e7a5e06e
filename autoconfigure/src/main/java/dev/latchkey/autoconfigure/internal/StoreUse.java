package dev.latchkey.autoconfigure.internal;

/** Whether something other than keysets uses the application's store. */
@FunctionalInterface
public interface StoreUse {

  boolean usesStore();
}
