package dev.latchkey.file;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** Loads every class of the class path by itself, and records which of ours it loaded. */
final class RecordingClassLoader extends URLClassLoader {

  private final Set<String> loaded = new ConcurrentSkipListSet<>();

  RecordingClassLoader() {
    super(classPath(), ClassLoader.getPlatformClassLoader());
  }

  private static URL[] classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(RecordingClassLoader::url)
        .toArray(URL[]::new);
  }

  private static URL url(String element) {
    try {
      return Path.of(element).toUri().toURL();
    } catch (MalformedURLException ex) {
      throw new IllegalArgumentException(element, ex);
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    Class<?> found = super.findClass(name);
    if (name.startsWith("dev.latchkey.")) {
      loaded.add(name);
    }
    return found;
  }

  Set<String> loaded() {
    return loaded;
  }

  /** Runs a program with this class loader. */
  void run(Class<?> program, String... arguments) throws ReflectiveOperationException, IOException {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(this);
    try (this) {
      loadClass(program.getName())
          .getDeclaredMethod("main", String[].class)
          .invoke(null, (Object) arguments);
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
