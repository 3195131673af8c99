constexpr Query kFind{"find", R"(
    SELECT id FROM accounts -- here
)"};
auto sql = fmt::format("SELECT {} FROM accounts", column);
sql += " WHERE id = 1";
auto text = fmt::format("{}-{}", a, b);
