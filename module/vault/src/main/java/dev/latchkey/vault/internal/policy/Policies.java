package dev.latchkey.vault.internal.policy;

import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.KeysetId;
import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.client.ReadProofs;
import dev.latchkey.vault.internal.keyset.TransitKeyEncryptionKeys;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The policies that belong to one application, for its own names: what its token needs, what those
 * need with whom it shares keysets, and what the operator needs. Of each, every line is needed, and
 * all of them suffice.
 *
 * @param mount mount of the KV engine that holds the keyset documents
 * @param path path in that mount under which they lie
 * @param transitMount mount of the Transit engine
 * @param keysets the application's keysets
 * @param secrets what it needs for the secrets that it reads
 * @since 0.1
 */
public record Policies(
    String mount,
    String path,
    String transitMount,
    List<Keyset> keysets,
    List<PolicyLine> secrets) {

  public Policies {
    keysets = List.copyOf(keysets);
    secrets = List.copyOf(secrets);
  }

  /**
   * A keyset that the application uses.
   *
   * @param id whose, and its name
   * @param access what the application may do with it
   * @param hasPublicHalf whether its owner publishes its public half
   * @param createIfAbsent whether the application may make it; otherwise nothing here allows to
   *     create anything
   */
  public record Keyset(
      KeysetId id, KeysetAccess access, boolean hasPublicHalf, boolean createIfAbsent) {

    /** A keyset of the application's own. */
    public static Keyset own(KeysetId id, boolean hasPublicHalf, boolean createIfAbsent) {
      return new Keyset(id, KeysetAccess.OWN, hasPublicHalf, createIfAbsent);
    }

    boolean isOwn() {
      return access.owns();
    }
  }

  /** Those that there is a need for, by the name of who holds them. */
  public Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("application", application());
    if (keysets.stream().anyMatch(Keyset::isOwn)) {
      texts.put("consumer", consumer());
    }
    if (keysets.stream().anyMatch(Policies::isPublished)) {
      texts.put("public-consumer", publicConsumer());
    }
    if (keysets.stream().anyMatch(Keyset::isOwn)) {
      texts.put("operator", operator());
    }
    return texts;
  }

  /** What the application's own token needs. */
  public String application() {
    return text(
        lines -> {
          lines.add(ReadProofs.POLICY);
          for (Keyset keyset : keysets) {
            switch (keyset.access()) {
              case OWN -> own(keyset, lines);
              case READ -> reading(keyset, lines);
              case PUBLIC -> lines.add(PolicyLine.allowing(publicHalf(keyset), "read"));
            }
          }
          lines.addAll(secrets);
        });
  }

  /** What another application needs to use all keysets of this one. */
  public String consumer() {
    return text(
        lines -> {
          lines.add(ReadProofs.POLICY);
          each(Keyset::isOwn, keyset -> reading(keyset, lines));
        });
  }

  /** What another application needs to use the public halves of this one's keysets. */
  public String publicConsumer() {
    return text(
        lines -> {
          lines.add(ReadProofs.POLICY);
          each(
              Policies::isPublished,
              keyset -> lines.add(PolicyLine.allowing(publicHalf(keyset), "read")));
        });
  }

  /**
   * What the application is not allowed to: to make its Transit keys, and what it may not create;
   * and to destroy keys for good.
   */
  public String operator() {
    return text(lines -> each(Keyset::isOwn, keyset -> operating(keyset, lines)));
  }

  /** It may look at versions of document and key, to see what an operator destroyed. */
  private void own(Keyset keyset, List<PolicyLine> lines) {
    List<String> documents = new ArrayList<>();
    documents.add(document(keyset));
    documents.add(document(keyset) + ".usage");
    if (keyset.hasPublicHalf()) {
      documents.add(publicHalf(keyset));
    }
    for (String document : documents) {
      lines.add(
          keyset.createIfAbsent()
              ? PolicyLine.allowing(document, "create", "read", "update")
              : PolicyLine.allowing(document, "read", "update"));
    }
    lines.add(PolicyLine.allowing(kv("metadata", keyset), "read"));
    lines.add(PolicyLine.allowing(transit("encrypt", keyset), "update"));
    lines.add(PolicyLine.allowing(transit("decrypt", keyset), "update"));
    lines.add(
        keyset.createIfAbsent()
            ? PolicyLine.allowing(transit("keys", keyset), "read", "update")
            : PolicyLine.allowing(transit("keys", keyset), "read"));
  }

  private void reading(Keyset keyset, List<PolicyLine> lines) {
    lines.add(PolicyLine.allowing(document(keyset), "read"));
    lines.add(PolicyLine.allowing(transit("decrypt", keyset), "update"));
  }

  private void operating(Keyset keyset, List<PolicyLine> lines) {
    if (!keyset.createIfAbsent()) {
      lines.add(PolicyLine.allowing(document(keyset) + ".usage", "create"));
    }
    lines.add(PolicyLine.allowing(kv("metadata", keyset), "read"));
    lines.add(PolicyLine.allowing(kv("destroy", keyset), "update"));
    lines.add(PolicyLine.allowing(transit("keys", keyset), "read", "update"));
    for (String change : List.of("rotate", "config", "trim")) {
      lines.add(PolicyLine.allowing(transit("keys", keyset) + "/" + change, "update"));
    }
  }

  private static boolean isPublished(Keyset keyset) {
    return keyset.isOwn() && keyset.hasPublicHalf();
  }

  private void each(Predicate<Keyset> which, Consumer<Keyset> action) {
    keysets.stream().filter(which).forEach(action);
  }

  private String document(Keyset keyset) {
    return kv("data", keyset);
  }

  private String publicHalf(Keyset keyset) {
    return document(keyset) + ".public";
  }

  private String kv(String operation, Keyset keyset) {
    KeysetId id = keyset.id();
    return "%s/%s/%s/%s/%s".formatted(mount, operation, path, id.owner(), id.name());
  }

  private String transit(String operation, Keyset keyset) {
    return "%s/%s/%s"
        .formatted(transitMount, operation, TransitKeyEncryptionKeys.name(keyset.id()));
  }

  private static String text(Consumer<List<PolicyLine>> content) {
    List<PolicyLine> lines = new ArrayList<>();
    content.accept(lines);
    return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
  }
}
