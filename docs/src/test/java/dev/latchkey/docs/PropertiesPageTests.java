package dev.latchkey.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PropertiesPageTests {

  private static final Path PAGE = Page.DOCS.resolve("reference/properties.md");

  @Test
  void committedPageMatchesTheConfigurationMetadata() throws IOException {
    String page = PropertiesPage.render(ConfigurationMetadata.load());
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE)
        .as("docs/reference/properties.md is out of date; the page shows how to regenerate it")
        .hasContent(page);
  }

  @Test
  void listsEveryPropertyOnce() {
    String page = PropertiesPage.render(ConfigurationMetadata.load());
    assertThat(ConfigurationMetadata.load().settable())
        .hasSizeGreaterThan(90)
        .allSatisfy(each -> assertThat(page).containsOnlyOnce("- `" + each.name() + "`"));
  }
}
