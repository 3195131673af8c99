#include "country.hpp"

#include <fmt/format.h>

#include "support/postgres.hpp"

namespace madoguchi::bench {
namespace {

constexpr const char* kUnits = R"(
    insert into organizations (id, kind, parent_id, path, prefecture_code, name, kana, search, created_at)
    values (1, 'ministry', null, '1.', null, '本省', 'ホンショウ', '本省 ホンショウ  ', now());
    insert into organizations (id, kind, parent_id, path, prefecture_code, name, kana, search, local_government_code, created_at)
    select 1 + n, 'prefecture', 1, '1.' || 1 + n || '.', n, '第' || n || '県', 'ダイケン', '第' || n || '県 ダイケン  ', lpad(n::text, 6, '0'), now()
    from generate_series(1, 47) as n;
    insert into organizations (id, kind, parent_id, path, prefecture_code, name, kana, search, phone, created_at)
    select 101 + n, 'health_center', 2 + n % 47, '1.' || 2 + n % 47 || '.' || 101 + n || '.', 1 + n % 47, '第' || n || '保健所', 'ホケンジョ',
           '第' || n || '保健所 ホケンジョ  ', '03-0000-' || lpad(n::text, 4, '0'), now()
    from generate_series(0, 469) as n;
)";

// In a session of its own, behind an `analyze`: one that saw the table empty checks each foreign key by walking through
// it.
constexpr const char* kFacilities = R"(
    analyze organizations, organization_terms;
    insert into organizations (id, kind, parent_id, path, prefecture_code, name, kana, search, institution_code, phone, address, created_at)
    select 1001 + n, 'facility', c.id, c.path || 1001 + n || '.', c.prefecture_code, k.name, k.kana,
           k.name || ' ' || k.kana || ' ' || lpad((1300000000 + n)::text, 10, '0') || ' ', lpad((1300000000 + n)::text, 10, '0'),
           '03-' || lpad((n / 10000)::text, 4, '0') || '-' || lpad((n % 10000)::text, 4, '0'), '中央' || n || '番地', now()
    from generate_series(0, {facilities} - 1) as n
    join organizations c on c.id = 101 + n % 470
    cross join lateral (
        select (array['みどり', 'さくら', 'あおば', 'ひまわり', '中央', '駅前', '南', '北野', '山手', '川口'])[1 + n % 10] || n / 10 || 'クリニック' as name,
               (array['ミドリ', 'サクラ', 'アオバ', 'ヒマワリ', 'チュウオウ', 'エキマエ', 'ミナミ', 'キタノ', 'ヤマテ', 'カワグチ'])[1 + n % 10] || n / 10 || 'クリニック' as kana) as k;
)";

constexpr const char* kAccountsOfTheBench = R"(
    insert into accounts (id, login_id, login_key, organization_id, organization_path, family_name, given_name, search, state, password_phc, created_at)
    select a.id, a.login, a.login, o.id, o.path, '管理', '者', a.login || ' 管理者 ', 'active', 'none', now()
    from (values (1, 'min-1@madoguchi.example', 1), (2, 'hc-1@madoguchi.example', 101)) as a (id, login, place)
    join organizations o on o.id = a.place;
    insert into grants (account_id, account_path, organization_id, organization_path, role, valid_from, created_at)
    select a.id, a.organization_path, a.organization_id, a.organization_path,
           case a.id when 1 then 'ministry_admin' else 'health_center_admin' end, now() - interval '1 day', now()
    from accounts a where a.id in (1, 2);
)";

// A country as the daily task has left it: whoever has not signed in yet was issued an ID within the month.
constexpr const char* kAccounts = R"(
    set session_replication_role = replica;
    insert into accounts (id, login_id, login_key, organization_id, organization_path, family_name, given_name, family_kana, given_kana, search,
                          organization_key, state, password_phc, last_signed_in_at, created_at)
    select 1001 + n, p.login, p.login, o.id, o.path, p.family, p.given, p.family_kana, p.given_kana,
           p.login || ' ' || p.family || p.given || ' ' || p.family_kana || p.given_kana, o.sort_key,
           (array['active', 'active', 'active', 'active', 'active', 'active', 'active', 'pending', 'suspended', 'closed'])[1 + n % 10], 'none',
           case when n % 10 < 7 then now() - (n % 86400) * interval '1 minute' end,
           now() - case n % 10 when 7 then n % 25 else 100 end * interval '1 day'
    from generate_series(0, {accounts} - 1) as n
    join organizations o on o.id = 1001 + n / {people}
    cross join lateral (
        select 'f13-' || lpad(n::text, 7, '0') || '@madoguchi.example' as login,
               (array['佐藤', '鈴木', '高橋', '田中', '伊藤', '渡辺', '山本', '中村', '小林', '加藤', '吉田', '山田', '佐々木', '山口', '松本', '井上', '木村', '林', '斎藤', '清水'])[1 + n / 7 % 20] as family,
               (array['花子', '太郎', '緑', '和子', '健', '直美', '誠', '恵子', '修', '由美'])[1 + n / 3 % 10] || n % 1000 as given,
               (array['サトウ', 'スズキ', 'タカハシ', 'タナカ', 'イトウ', 'ワタナベ', 'ヤマモト', 'ナカムラ', 'コバヤシ', 'カトウ', 'ヨシダ', 'ヤマダ', 'ササキ', 'ヤマグチ', 'マツモト', 'イノウエ', 'キムラ', 'ハヤシ', 'サイトウ', 'シミズ'])[1 + n / 7 % 20] as family_kana,
               (array['ハナコ', 'タロウ', 'ミドリ', 'カズコ', 'ケン', 'ナオミ', 'マコト', 'ケイコ', 'オサム', 'ユミ'])[1 + n / 3 % 10] as given_kana) as p;
    insert into grants (account_id, account_path, organization_id, organization_path, role, valid_from, created_at)
    select id, organization_path, organization_id, organization_path, case id % 5 when 0 then 'facility_admin' else 'facility_staff' end,
           now() - interval '100 days', now() - interval '100 days'
    from accounts where id >= 1001;
    insert into second_steps (account_id, organization_path, kind, seed_sealed, is_default, registered_at)
    select id, organization_path, 'totp', 'none', true, now() - interval '99 days' from accounts where id >= 1001 and id % 10 < 7;
)";

// Sealed rows, or the server would spend the benchmark sealing them.
constexpr const char* kAudit = R"(
    set session_replication_role = replica;
    insert into audit_events (at, actor_account, actor_name, channel, source, request_id, action, outcome, organization_path, target_kind, target_id, target_name, digest)
    select now() - ({rows} - n) * interval '1 second', a.id, a.login_id, 'web', '10.0.0.1', 'R' || lpad((n / 3)::text, 15, '0'),
           (array['sign_in', 'sign_in.password', 'account.issue', 'account.reset_password'])[1 + n % 4], 'done', a.organization_path, 'account', a.id, a.login_id,
           md5(n::text) || md5(n::text)
    from generate_series(0, {rows} - 1) as n join accounts a on a.id = 1001 + n % {accounts};
    insert into audit_seals (position, event_id, hash) select row_number() over (order by id), id, digest from audit_events;
)";

// Indexes that no constraint needs are built when the rows are there, and foreign keys hold by the way rows are made:
// minutes instead of most of an hour.
constexpr const char* kLeaveOutIndexes = R"(
    create table bench_indexes as
    select i.indexname, i.indexdef from pg_indexes i
    where i.schemaname = 'public' and i.tablename in ('organizations', 'accounts', 'grants', 'second_steps', 'audit_events', 'audit_seals')
      and not exists (select 1 from pg_constraint c where c.conindid = i.indexname::regclass);
    do $$ declare one record; begin for one in select * from bench_indexes loop execute 'drop index ' || one.indexname; end loop; end $$;
)";
constexpr const char* kPutIndexesBack = R"(
    set maintenance_work_mem = '1GB';
    do $$ declare one record; begin for one in select * from bench_indexes loop execute one.indexdef; end loop; end $$;
    drop table bench_indexes;
)";

constexpr const char* kSequences = R"(
    select setval(pg_get_serial_sequence('organizations', 'id'), (select max(id) from organizations)),
           setval(pg_get_serial_sequence('accounts', 'id'), (select max(id) from accounts)),
           setval('login_numbers', (select count(*) from accounts)))";

}  // namespace

void fill(const std::string& superuser_url, const Country& country) {
    const auto run = [&](const char* sql) {
        test::run_sql(superuser_url,
                      "set synchronous_commit = off; " +
                          fmt::format(fmt::runtime(sql), fmt::arg("facilities", country.facilities),
                                      fmt::arg("people", country.people), fmt::arg("accounts", country.accounts()),
                                      fmt::arg("rows", country.audit_rows())));
    };
    test::run_sql(superuser_url, kLeaveOutIndexes);
    for (const char* sql : {kUnits, kFacilities, kAccountsOfTheBench, kAccounts, kAudit, kSequences}) {
        run(sql);
    }
    test::run_sql(superuser_url, kPutIndexesBack);
    test::run_sql(superuser_url, "vacuum analyze");
    test::run_sql(superuser_url, "checkpoint");
}

std::string institution_code(std::int64_t number) {
    return fmt::format("{:010}", 1'300'000'000 + number);
}

}  // namespace madoguchi::bench
