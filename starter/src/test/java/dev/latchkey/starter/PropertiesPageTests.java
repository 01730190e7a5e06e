package dev.latchkey.starter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PropertiesPageTests {

  private static final Path PAGE = Path.of("../docs/properties.md");

  @Test
  void committedPageShowsEveryPropertyAsItIs() throws IOException {
    String page = PropertiesPage.render(ConfigurationMetadata.load());
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE)
        .as(
            "docs/properties.md is stale, regenerate it: mvn -pl starter -am test"
                + " -Dtest=PropertiesPageTests -Ddocs.write=true")
        .hasContent(page);
  }
}
