#include "crypto/keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace madoguchi::crypto {
namespace {

namespace fs = std::filesystem;

class KeysTest : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "madoguchi-keys-XXXXXX").string();
        base_ = ::mkdtemp(name.data());
        directory_ = base_ / "keys";
    }
    void TearDown() override { fs::remove_all(base_); }

    std::string content(const std::string& name) const {
        std::ifstream in(directory_ / name);
        std::stringstream out;
        out << in.rdbuf();
        return out.str();
    }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(directory_ / name, std::ios::trunc) << text;
        ::chmod((directory_ / name).c_str(), 0600);
    }
    std::string load_problem() const {
        const auto keys = load_keys(directory_);
        return keys ? "" : keys.error().message_id;
    }

    OsEntropy entropy_;
    fs::path base_;
    fs::path directory_;
};

TEST_F(KeysTest, GeneratedKeysLoadAndAreAllDifferent) {
    const auto made = generate_keys(directory_, entropy_);
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(made->size(), 6U);
    const auto keys = load_keys(directory_);
    ASSERT_TRUE(keys) << keys.error().detail;
    const std::set<std::string> different = {keys->pepper.reveal(), keys->token.reveal(), keys->csrf.reveal(),
                                             keys->envelope.at(0).key.reveal(), keys->audit.at(0).key.reveal()};
    EXPECT_EQ(different.size(), 5U);
    EXPECT_EQ(keys->audit.size(), 1U);
    EXPECT_EQ(keys->pepper.reveal().size(), 32U);
}

TEST_F(KeysTest, FilesAreForTheirOwnerAlone) {
    ASSERT_TRUE(generate_keys(directory_, entropy_));
    std::size_t files = 0;
    for (const auto& file : fs::directory_iterator(directory_)) {
        struct stat status = {};
        ASSERT_EQ(::stat(file.path().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0600U) << file.path();
        ++files;
    }
    EXPECT_EQ(files, 6U) << "and nothing is left over";
}

TEST_F(KeysTest, NeverOverwritesAndMakesWhatIsMissing) {
    ASSERT_TRUE(generate_keys(directory_, entropy_));
    const auto pepper = content("pepper.key");
    const auto csrf = content("csrf.key");
    fs::remove(directory_ / "csrf.key");
    EXPECT_EQ(generate_keys(directory_, entropy_).value(), std::vector<std::string>{"csrf.key"});
    EXPECT_EQ(generate_keys(directory_, entropy_).value(), std::vector<std::string>{});
    EXPECT_EQ(content("pepper.key"), pepper);
    EXPECT_NE(content("csrf.key"), csrf);
}

TEST_F(KeysTest, ReadableByOthersIsRefused) {
    for (const ::mode_t mode : {0640U, 0604U, 0620U, 0601U}) {
        ASSERT_TRUE(generate_keys(directory_, entropy_));
        for (const auto* name :
             {"pepper.key", "token.key", "csrf.key", "envelope.keys", "audit.keys", "audit-signing.pem"}) {
            ::chmod((directory_ / name).c_str(), mode);
            EXPECT_EQ(load_problem(), "keys_permissions") << name;
            EXPECT_NE(load_keys(directory_).error().detail.find(name), std::string::npos) << "the file is named";
            ::chmod((directory_ / name).c_str(), 0600);
        }
        EXPECT_EQ(load_problem(), "");
    }
}

TEST_F(KeysTest, MissingAndMalformedAreNamed) {
    EXPECT_EQ(load_problem(), "keys_missing");
    ASSERT_TRUE(generate_keys(directory_, entropy_));
    const std::string placeholder(64, '0');
    for (const auto& text :
         {std::string("abc\n"), std::string(), placeholder, std::string(63, 'a') + "g", std::string(62, 'f')}) {
        write("token.key", text);
        EXPECT_EQ(load_problem(), "keys_malformed") << text;
    }
}

TEST_F(KeysTest, TheAuditKeyOutlivesTheTokenKeyThatItWasDerivedFrom) {
    ASSERT_TRUE(generate_keys(directory_, entropy_));
    fs::remove(directory_ / "audit.keys");  // an installation from before there was one
    const auto before = load_keys(directory_).value().audit;
    ASSERT_EQ(before.size(), 1U);
    EXPECT_EQ(before[0].id, kUnnamedAuditKey);
    EXPECT_EQ(generate_keys(directory_, entropy_).value(), std::vector<std::string>{"audit.keys"});
    fs::remove(directory_ / "token.key");
    ASSERT_TRUE(generate_keys(directory_, entropy_));
    const auto after = load_keys(directory_).value().audit;
    ASSERT_EQ(after.size(), 2U);
    EXPECT_EQ(after[0].id, kUnnamedAuditKey);
    EXPECT_EQ(after[0].key.reveal(), before[0].key.reveal()) << "older rows stay proven";
    EXPECT_NE(after[1].id, kUnnamedAuditKey) << "new rows name a key of their own";
    EXPECT_NE(after[1].key.reveal(), before[0].key.reveal());
}

TEST_F(KeysTest, EnvelopeLinesAreChecked) {
    ASSERT_TRUE(generate_keys(directory_, entropy_));
    const auto good = content("envelope.keys");
    const auto hex = good.substr(good.find(' ') + 1, 64);
    for (const auto& text :
         {"a " + hex + "\na " + hex + "\n", "A! " + hex, hex, "a  " + hex, "a.b " + hex, std::string("\n\n")}) {
        write("envelope.keys", text);
        EXPECT_EQ(load_problem(), "keys_malformed") << text;
    }
    write("envelope.keys", "a " + hex + "\r\n\nb " + hex);
    EXPECT_EQ(load_keys(directory_)->envelope.back().id, "b");
}

TEST_F(KeysTest, RotationAppendsACurrentKey) {
    ASSERT_TRUE(generate_keys(directory_, entropy_));
    const auto before = load_keys(directory_).value();
    const auto id = rotate_envelope_key(directory_, entropy_);
    ASSERT_TRUE(id) << id.error().detail;
    const auto after = load_keys(directory_).value();
    ASSERT_EQ(after.envelope.size(), 2U);
    EXPECT_EQ(after.envelope.at(0).key.reveal(), before.envelope.at(0).key.reveal());
    EXPECT_EQ(after.envelope.at(1).id, id.value());
    EXPECT_NE(after.envelope.at(1).key.reveal(), before.envelope.at(0).key.reveal());
}

}  // namespace
}  // namespace madoguchi::crypto
