package dev.latchkey.vault.internal.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.reflect.Type;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpEntity;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.web.client.RequestCallback;
import org.springframework.web.client.ResponseExtractor;
import org.springframework.web.client.RestTemplate;

/**
 * A {@code RestTemplate} for logins that logs no bodies and reads no endless ones. Spring's logs
 * every request body at DEBUG, secret IDs and passwords included; this one converts the body to
 * bytes first, which are not logged.
 */
final class SilentRestTemplate extends RestTemplate {

  SilentRestTemplate(RestTemplate template) {
    super(template.getMessageConverters());
    setRequestFactory(template.getRequestFactory());
    setUriTemplateHandler(template.getUriTemplateHandler());
    setErrorHandler(template.getErrorHandler());
  }

  @Override
  protected <T> @Nullable T doExecute(
      URI url,
      @Nullable String uriTemplate,
      @Nullable HttpMethod method,
      @Nullable RequestCallback request,
      @Nullable ResponseExtractor<T> extractor) {
    return super.doExecute(
        url,
        uriTemplate,
        method,
        request,
        extractor == null
            ? null
            : response -> extractor.extractData(new BoundedResponse(response)));
  }

  @Override
  protected void handleResponse(URI url, HttpMethod method, ClientHttpResponse response)
      throws IOException {
    super.handleResponse(url, method, new BoundedResponse(response));
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
