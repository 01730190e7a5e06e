package dev.latchkey.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only an import needs is loaded only while there is something to import. */
class ImportClassesTests {

  private static final Predicate<String> IMPORTS =
      name ->
          name.startsWith("dev.latchkey.autoconfigure.key.internal.imports.")
              || name.startsWith("dev.latchkey.key.internal.tink.")
              || name.contains("FileStoreOrigin");

  @TempDir Path directory;

  private Path keyset;

  @BeforeEach
  void createKeyset() throws Exception {
    AeadConfig.register();
    keyset = directory.resolve("keyset.json");
    Files.writeString(
        keyset,
        TinkJsonProtoKeysetFormat.serializeKeyset(
            KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM),
            InsecureSecretKeyAccess.get()));
    Files.setPosixFilePermissions(keyset, PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void loadsNoClassOfAnImportWhenItIsDone() throws Exception {
    String importFrom = "--latchkey.keysets.orders.import-from=file:" + keyset;

    assertThat(loadedBy(importFrom)).contains("KeysetImports", "KeysetImport", "TinkKeyset");

    Files.delete(keyset);
    assertThat(loadedBy(importFrom))
        .as("the keyset exists, and its source does not")
        .contains("KeysetImports")
        .doesNotContain("KeysetImport", "ImportedResource", "TinkKeyset");

    assertThat(loadedBy()).isEmpty();
  }

  @Test
  void loadsNoClassOfAnImportWhenNoneIsConfigured() throws Exception {
    assertThat(loadedBy()).isEmpty();
  }

  private Set<String> loadedBy(String... arguments) throws Exception {
    RecordingClassLoader classes = new RecordingClassLoader();
    classes.run(
        ImportApplication.class,
        Stream.concat(
                Stream.of(
                    "--latchkey.store.type=file",
                    "--latchkey.store.file.directory=" + directory.resolve("store"),
                    "--latchkey.store.file.key=" + directory.resolve("store.key"),
                    "--latchkey.keysets.orders.template=AES256_GCM",
                    "--spring.main.banner-mode=off"),
                Stream.of(arguments))
            .toArray(String[]::new));
    assertThat(classes.loaded()).contains(ImportApplication.class.getName());
    return classes.loaded().stream()
        .filter(IMPORTS)
        .map(name -> name.substring(name.lastIndexOf('.') + 1))
        .collect(Collectors.toSet());
  }
}
