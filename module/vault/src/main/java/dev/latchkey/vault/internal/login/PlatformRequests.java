package dev.latchkey.vault.internal.login;

import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.time.Duration;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.RestOperations;
import org.springframework.web.client.RestTemplate;

/** What asks the metadata service of a platform: a client of its own, which knows no namespace. */
final class PlatformRequests {

  private static final Duration LIMIT = Duration.ofSeconds(3);

  private PlatformRequests() {}

  static RestOperations create() {
    JdkClientHttpRequestFactory requests =
        new JdkClientHttpRequestFactory(
            HttpClient.newBuilder().followRedirects(Redirect.NEVER).connectTimeout(LIMIT).build());
    requests.setReadTimeout(LIMIT);
    return new RestTemplate(requests);
  }
}
