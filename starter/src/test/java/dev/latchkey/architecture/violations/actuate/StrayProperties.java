package dev.latchkey.architecture.violations.actuate;

import org.springframework.boot.context.properties.ConfigurationProperties;

@ConfigurationProperties("stray")
record StrayProperties() {}
