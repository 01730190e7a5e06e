package dev.latchkey.vault.internal.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.mock.env.MockEnvironment;

final class VaultLoginPropertiesTests {

  @Test
  void omitsCredentialsFromTextForms() {
    MockEnvironment environment = new MockEnvironment();
    for (String property :
        List.of(
            "token",
            "app-role.secret-id",
            "aws-ec2.nonce",
            "gcp-iam.credentials.encoded-key",
            "github.token",
            "jwt.token",
            "userpass.password")) {
      environment.withProperty("latchkey.vault." + property, "canary");
    }
    VaultLoginProperties properties =
        Binder.get(environment).bind("latchkey.vault", VaultLoginProperties.class).get();

    assertThat(properties.userpass().password()).isEqualTo("canary");
    assertThat(
            Stream.of(
                properties,
                properties.appRole(),
                properties.awsEc2(),
                properties.gcpIam(),
                properties.github(),
                properties.jwt(),
                properties.userpass()))
        .allSatisfy(each -> assertThat(each.toString()).doesNotContain("canary"));
  }
}
