package dev.latchkey.leaks;

import dev.latchkey.LatchkeyException;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** All that an application shows to whoever looks, by where it is seen. */
final class Surfaces {

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Map<String, StringBuilder> seen = new TreeMap<>();

  Map<String, String> seen() {
    return seen.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().toString()));
  }

  void saw(String surface, Object what) {
    seen.computeIfAbsent(surface, it -> new StringBuilder()).append(what).append('\n');
  }

  /** With everything that it was caused by, and what Latchkey says is to be done. */
  void saw(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    saw("exceptions", text);
    for (Throwable each = failure; each != null; each = each.getCause()) {
      saw("exceptions", each instanceof LatchkeyException ours ? ours.action() : each);
    }
  }

  void lookAt(ConfigurableApplicationContext context) throws Exception {
    endpoints(root(context));
    jmx();
    meters(context.getBean(MeterRegistry.class));
    Thread.getAllStackTraces().keySet().forEach(thread -> saw("threads", thread));
    saw("process", ProcessHandle.current().info());
    for (String bean : context.getBeanDefinitionNames()) {
      if (context.getBeanFactory().containsSingleton(bean)) {
        saw("beans", context.getBean(bean));
      }
    }
  }

  static String root(ConfigurableApplicationContext context) {
    return "http://localhost:" + context.getEnvironment().getProperty("local.server.port");
  }

  private void endpoints(String root) throws Exception {
    for (JsonNode link : json(root + "/actuator").path("_links")) {
      String uri = link.path("href").stringValue();
      // a dump of the heap holds all that is in use
      if (!link.path("templated").booleanValue() && !uri.endsWith("/heapdump")) {
        get("endpoints", uri);
      }
    }
    for (JsonNode source : json(root + "/actuator/env").path("propertySources")) {
      for (String name : source.path("properties").propertyNames()) {
        if (name.matches("(app|latchkey|spring\\.datasource)\\..*")) {
          get("endpoints", root + "/actuator/env/" + name);
        }
      }
    }
    for (JsonNode name : json(root + "/actuator/metrics").path("names")) {
      String uri = root + "/actuator/metrics/" + name.stringValue();
      for (JsonNode tag : json(uri).path("availableTags")) {
        saw("endpoints", tag);
      }
    }
    for (String path : List.of("configprops/app", "configprops/latchkey", "health/latchkey")) {
      get("endpoints", root + "/actuator/" + path);
    }
    for (String path : List.of("orders", "payments", "orders-db", "policies/application")) {
      get("endpoints", root + "/actuator/rotation/" + path);
    }
  }

  private JsonNode json(String uri) throws Exception {
    return JsonMapper.shared().readTree(get("endpoints", uri));
  }

  String get(String surface, String uri) throws IOException, InterruptedException {
    return exchange(surface, HttpRequest.newBuilder(URI.create(uri))).body();
  }

  HttpResponse<String> post(String surface, String uri, String json)
      throws IOException, InterruptedException {
    return exchange(
        surface,
        HttpRequest.newBuilder(URI.create(uri))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json)));
  }

  private HttpResponse<String> exchange(String surface, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    HttpResponse<String> response = HTTP.send(request.build(), BodyHandlers.ofString());
    saw(surface, response.uri() + " " + response.headers().map() + " " + response.body());
    return response;
  }

  private void jmx() throws JMException {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    List<ObjectName> names = new ArrayList<>();
    for (String pattern : List.of("org.springframework.boot:*", "com.zaxxer.hikari:*", "app:*")) {
      names.addAll(server.queryNames(new ObjectName(pattern), null));
    }
    for (ObjectName name : names) {
      lookAt(server, name);
    }
  }

  private void lookAt(MBeanServer server, ObjectName name) throws JMException {
    saw("jmx", name);
    for (MBeanAttributeInfo attribute : server.getMBeanInfo(name).getAttributes()) {
      if (attribute.isReadable()) {
        saw("jmx", server.getAttribute(name, attribute.getName()));
      }
    }
    for (MBeanOperationInfo operation : server.getMBeanInfo(name).getOperations()) {
      String[] signature =
          Arrays.stream(operation.getSignature())
              .map(each -> each.getType())
              .toArray(String[]::new);
      if (operation.getImpact() == MBeanOperationInfo.INFO
          && !operation.getName().equals("heapDump")) {
        try {
          saw(
              "jmx",
              server.invoke(name, operation.getName(), new Object[signature.length], signature));
        } catch (JMException ex) {
          saw("jmx", ex + " " + ex.getCause());
        }
      }
    }
  }

  private void meters(MeterRegistry registry) {
    registry
        .getMeters()
        .forEach(
            meter -> {
              saw("meters", meter.getId() + " " + meter.getId().getDescription());
              meter.measure().forEach(measurement -> saw("meters", measurement));
            });
  }
}
