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
 * The Vault policies of one application, with its own names: for its token, for the applications
 * that it shares keysets with, and for the operator. Each policy contains every necessary rule and
 * no other.
 *
 * @param mount mount of the KV engine that stores the keyset documents
 * @param path path of the documents in that mount
 * @param transitMount mount of the Transit engine
 * @param keysets the application's keysets
 * @param secrets rules for the secrets that the application reads
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
   * @param id owner and name
   * @param access access of the application
   * @param hasPublicHalf whether the owner publishes a public half
   * @param createIfAbsent whether the application may create the keyset; otherwise no rule allows
   *     it to create anything
   */
  public record Keyset(
      KeysetId id, KeysetAccess access, boolean hasPublicHalf, boolean createIfAbsent) {

    /** A keyset that the application owns. */
    public static Keyset own(KeysetId id, boolean hasPublicHalf, boolean createIfAbsent) {
      return new Keyset(id, KeysetAccess.OWN, hasPublicHalf, createIfAbsent);
    }

    boolean isOwn() {
      return access.owns();
    }
  }

  /** The policies that apply, by role. */
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

  /** The policy for the application's own token. */
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

  /** The policy for another application that uses this one's keysets. */
  public String consumer() {
    return text(
        lines -> {
          lines.add(ReadProofs.POLICY);
          each(Keyset::isOwn, keyset -> reading(keyset, lines));
        });
  }

  /** The policy for another application that uses the public halves of this one's keysets. */
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
   * The policy for what only the operator may do: create Transit keys and what the application may
   * not create, and destroy keys permanently.
   */
  public String operator() {
    return text(lines -> each(Keyset::isOwn, keyset -> operating(keyset, lines)));
  }

  /**
   * Includes read access to the versions of document and key, to verify what an operator erased.
   */
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
