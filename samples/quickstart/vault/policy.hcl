path "secret/data/latchkey/quickstart/orders" { capabilities = ["create", "read", "update"] }
path "transit/encrypt/latchkey.quickstart.orders" { capabilities = ["update"] }
path "transit/decrypt/latchkey.quickstart.orders" { capabilities = ["update"] }
path "secret/data/latchkey/quickstart/receipts" { capabilities = ["create", "read", "update"] }
path "transit/encrypt/latchkey.quickstart.receipts" { capabilities = ["update"] }
path "transit/decrypt/latchkey.quickstart.receipts" { capabilities = ["update"] }
path "secret/data/orders-db" { capabilities = ["read"] }
