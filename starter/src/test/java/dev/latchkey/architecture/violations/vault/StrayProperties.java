package dev.latchkey.architecture.violations.vault;

import org.springframework.boot.context.properties.ConfigurationProperties;

@ConfigurationProperties("stray")
public class StrayProperties {}
