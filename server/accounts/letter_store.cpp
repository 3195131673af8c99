#include "accounts/letter_store.hpp"

namespace madoguchi::accounts {
namespace {

constexpr db::Query kFind = {"letter.find", R"(
    select a.id, a.login_id, a.family_name, a.given_name, a.organization_id, o.kind, o.path, o.name, o.postal_code, o.address,
           a.letter_prints, a.letter_since is not null as waiting, us(a.letter_printed_at) as printed_at, a.letter_printed_by,
           us(a.created_at) as created_at, coalesce(a.batch_row, 0) as batch_row
    from accounts a join organizations o on o.id = a.organization_id
    where a.id = :id and a.state = 'pending' and a.password_phc is null)"};

constexpr db::Query kOfBatch = {"letter.of_batch", R"(
    select a.id, a.login_id, a.family_name, a.given_name, a.organization_id, o.kind, o.path, o.name, o.postal_code, o.address,
           a.letter_prints, true as waiting, us(a.letter_printed_at) as printed_at, a.letter_printed_by,
           us(a.created_at) as created_at, a.batch_row
    from accounts a join organizations o on o.id = a.organization_id
    where a.batch_id = :batch and a.batch_row between :first and :last and a.letter_since is not null
      and a.state = 'pending' and a.password_phc is null
    order by a.batch_row)"};

constexpr db::Query kSingles = {"letter.singles", R"(
    select a.id, a.login_id, a.family_name, a.given_name, a.organization_id, o.kind, o.path, o.name, o.postal_code, o.address,
           a.letter_prints, true as waiting, us(a.letter_printed_at) as printed_at, a.letter_printed_by,
           us(a.created_at) as created_at, 0 as batch_row
    from accounts a join organizations o on o.id = a.organization_id
    where a.letter_since is not null and a.batch_id is null and a.state = 'pending' and a.password_phc is null and a.id > :after
    order by a.id limit :limit)"};

constexpr db::Query kParts = {"letter.parts", R"(
    select 1 + (place - 1) / cast(:per_file as integer) as part, min(batch_row) as first_row, max(batch_row) as last_row,
           count(*)::integer as letters, (count(*) filter (where waiting))::integer as waiting,
           (count(*) filter (where printable))::integer as printable, us(max(letter_printed_at)) as printed_at
    from (select batch_row, letter_printed_at, letter_since is not null and state = 'pending' and password_phc is null as waiting,
                 state = 'pending' and password_phc is null as printable,
                 (row_number() over (order by batch_row))::integer as place
          from accounts where batch_id = :batch) as numbered
    group by 1 order by 1)"};

constexpr db::Query kBatches = {"letter.batches", R"(
    select b.id, b.file_name, w.waiting
    from (select batch_id, count(*)::integer as waiting from accounts
          where letter_since is not null and batch_id is not null and state = 'pending' group by batch_id) as w
    join batches b on b.id = w.batch_id
    order by b.id)"};

constexpr db::Query kCountWaiting = {"letter.count_waiting", R"(
    select count(*) as letters
    from (select 1 from accounts where letter_since is not null and state = 'pending' limit :most) as counted)"};

constexpr db::Query kPrint = {"letter.print", R"(
    update accounts set initial_digest = r.digest, initial_expires_at = instant(:expires_at), letter_since = null,
           letter_prints = letter_prints + 1, letter_printed_at = instant(:now), letter_printed_by = :by, version = version + 1
    from unnest(cast(:accounts as bigint[]), cast(:digests as text[]), cast(:prints as integer[])) as r (id, digest, prints)
    where accounts.id = r.id and accounts.letter_prints = r.prints and accounts.state = 'pending' and accounts.password_phc is null)"};

LetterDraft to_draft(const db::Row& row) {
    const auto given = row.get<std::string>("given_name");
    return {.account = {row.get<std::int64_t>("id")},
            .login_id = row.get<std::string>("login_id"),
            .person = row.get<std::string>("family_name") + (given.empty() ? "" : " " + given),
            .organization = {{row.get<std::int64_t>("organization_id")},
                             directory::organization_kind(row.get<std::string>("kind")).value(),
                             row.get<std::string>("path"),
                             row.get<std::string>("name")},
            .postal_code = row.get<std::string>("postal_code"),
            .address = row.get<std::string>("address"),
            .prints = row.get<int>("letter_prints"),
            .waiting = row.get<bool>("waiting"),
            .printed_at = row.get<std::optional<Instant>>("printed_at"),
            .printed_by = row.get<std::string>("letter_printed_by"),
            .created_at = row.get<Instant>("created_at"),
            .batch_row = row.get<int>("batch_row")};
}

std::vector<LetterDraft> to_drafts(const std::vector<db::Row>& rows) {
    std::vector<LetterDraft> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back(to_draft(row));
    }
    return out;
}

}  // namespace

Result<std::optional<LetterDraft>> LetterStore::find(db::Transaction& tx, AccountId account) const {
    const auto row = TRY(tx.maybe_one(kFind, account));
    return row ? std::optional(to_draft(*row)) : std::nullopt;
}

Result<std::vector<LetterDraft>> LetterStore::of_batch(db::Transaction& tx, BatchId batch, int first_row,
                                                       int last_row) const {
    return to_drafts(TRY(tx.many(kOfBatch, batch, first_row, last_row)));
}

Result<std::vector<LetterDraft>> LetterStore::singles(db::Transaction& tx, AccountId after, int limit) const {
    return to_drafts(TRY(tx.many(kSingles, after, limit)));
}

Result<std::vector<LetterPart>> LetterStore::parts(db::Transaction& tx, BatchId batch, int letters_per_file) const {
    std::vector<LetterPart> out;
    for (const auto& row : TRY(tx.many(kParts, letters_per_file, batch))) {
        out.push_back({.number = row.get<int>("part"),
                       .first_row = row.get<int>("first_row"),
                       .last_row = row.get<int>("last_row"),
                       .letters = row.get<int>("letters"),
                       .waiting = row.get<int>("waiting"),
                       .printable = row.get<int>("printable"),
                       .printed_at = row.get<std::optional<Instant>>("printed_at")});
    }
    return out;
}

Result<std::vector<BatchOfLetters>> LetterStore::batches(db::Transaction& tx) const {
    std::vector<BatchOfLetters> out;
    for (const auto& row : TRY(tx.many(kBatches))) {
        out.push_back({{row.get<std::int64_t>("id")}, row.get<std::string>("file_name"), row.get<int>("waiting")});
    }
    return out;
}

Result<std::int64_t> LetterStore::count_waiting(db::Transaction& tx, int most) const {
    return TRY(tx.one(kCountWaiting, most)).get<std::int64_t>("letters");
}

Result<std::int64_t> LetterStore::print(db::Transaction& tx, const Minted& minted, Instant expires_at,
                                        const std::string& by, Instant now) const {
    return tx.execute(kPrint, expires_at, now, by, minted.accounts, minted.digests, minted.prints);
}

}  // namespace madoguchi::accounts
