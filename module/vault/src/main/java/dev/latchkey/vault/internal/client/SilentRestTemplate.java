package dev.latchkey.vault.internal.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpEntity;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.client.RequestCallback;
import org.springframework.web.client.RestTemplate;

/**
 * A RestTemplate to log in with. Spring's own writes every request's body into the log at DEBUG,
 * secret ids and passwords too; this one turns it into bytes first, which have no text to write.
 */
final class SilentRestTemplate extends RestTemplate {

  SilentRestTemplate(RestTemplate template) {
    super(template.getMessageConverters());
    setRequestFactory(template.getRequestFactory());
    setUriTemplateHandler(template.getUriTemplateHandler());
    setErrorHandler(template.getErrorHandler());
  }

  @Override
  public <T> RequestCallback httpEntityCallback(@Nullable Object body) {
    return super.httpEntityCallback(asBytes(body));
  }

  @Override
  public <T> RequestCallback httpEntityCallback(@Nullable Object body, Type responseType) {
    return super.httpEntityCallback(asBytes(body), responseType);
  }

  private static @Nullable Object asBytes(@Nullable Object request) {
    Object body = request instanceof HttpEntity<?> entity ? entity.getBody() : request;
    if (body == null || body instanceof byte[]) {
      return request;
    }
    HttpHeaders headers = new HttpHeaders();
    if (request instanceof HttpEntity<?> entity) {
      headers.putAll(entity.getHeaders());
    }
    if (body instanceof String text) {
      return new HttpEntity<>(text.getBytes(UTF_8), headers);
    }
    headers.setContentType(MediaType.APPLICATION_JSON);
    return new HttpEntity<>(VaultAnswer.JSON.writeValueAsBytes(body), headers);
  }
}
