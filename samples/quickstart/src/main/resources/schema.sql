create sequence if not exists order_ids;

create table if not exists orders (
  id bigint primary key,
  item varchar(1000) not null,
  card varbinary(1000) not null
);
