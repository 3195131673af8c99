#include "admin-cli/token_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace madoguchi::admin_cli {
namespace {

class AdminCliTokenStore : public testing::Test {
protected:
    AdminCliTokenStore() {
        std::string pattern = testing::TempDir() + "madoguchi-token-XXXXXX";
        root_ = mkdtemp(pattern.data());
    }
    ~AdminCliTokenStore() override { std::filesystem::remove_all(root_); }

    static unsigned mode_of(const std::string& path) {
        struct stat status {};
        EXPECT_EQ(stat(path.c_str(), &status), 0) << path;
        return status.st_mode & 0777U;
    }

    std::string root_;
};

TEST_F(AdminCliTokenStore, KeepsOneTokenAServerForItsOwnerAlone) {
    const mode_t mask = umask(0);  // the file is private even where the user's umask is not
    TokenStore store(root_ + "/state/madoguchi", Language::en);
    ASSERT_TRUE(store.find("https://a.example"));
    EXPECT_FALSE(*store.find("https://a.example"));
    ASSERT_TRUE(store.keep("https://a.example", {"token-a", "2026-04-01T10:00:00+09:00", "sato"}));
    ASSERT_TRUE(store.keep("https://b.example", {"token-b", "", "sato"}));
    ASSERT_TRUE(store.keep("https://a.example", {"token-c", "", "sato"}));
    umask(mask);
    EXPECT_EQ((*store.find("https://a.example"))->token, "token-c");
    EXPECT_EQ((*store.find("https://b.example"))->token, "token-b");
    EXPECT_EQ(mode_of(store.path()), 0600U);
    EXPECT_EQ(mode_of(root_ + "/state/madoguchi"), 0700U);
    ASSERT_TRUE(store.remove("https://a.example"));
    EXPECT_FALSE(*store.find("https://a.example"));
    EXPECT_TRUE(*store.find("https://b.example"));
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(root_ + "/state/madoguchi")) {
        ++files;
    }
    EXPECT_EQ(files, 2U);  // the tokens and the lock: no temporary file stays
}

TEST_F(AdminCliTokenStore, DoesNotTrustAFileThatOthersCanRead) {
    TokenStore store(root_, Language::en);
    ASSERT_TRUE(store.keep("https://a.example", {"token-a", "", ""}));
    ASSERT_EQ(chmod(store.path().c_str(), 0640), 0);
    const auto found = store.find("https://a.example");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, ExitCode::failed);
    EXPECT_THAT(found.error().advice, testing::HasSubstr("chmod 600"));
}

TEST_F(AdminCliTokenStore, FollowsNoLinkAndSaysWhenTheFileIsDamaged) {
    TokenStore store(root_, Language::en);
    ASSERT_EQ(symlink("/etc/hostname", store.path().c_str()), 0);
    EXPECT_FALSE(store.find("https://a.example"));
    EXPECT_FALSE(store.keep("https://a.example", {"token-a", "", ""}));
    ASSERT_EQ(unlink(store.path().c_str()), 0);
    std::ofstream(store.path()) << "{\"servers\": 5}";
    ASSERT_EQ(chmod(store.path().c_str(), 0600), 0);
    const auto found = store.find("https://a.example");
    ASSERT_FALSE(found);
    EXPECT_THAT(found.error().message, testing::HasSubstr("damaged"));
}

TEST(AdminCliTokenFolder, FollowsTheXdgSpecification) {
    EXPECT_EQ(token_folder("/state", "/home/sato", Language::en), "/state/madoguchi");
    EXPECT_EQ(token_folder("relative", "/home/sato", Language::en), "/home/sato/.local/state/madoguchi");
    EXPECT_EQ(token_folder(std::nullopt, "/home/sato", Language::en), "/home/sato/.local/state/madoguchi");
    EXPECT_FALSE(token_folder(std::nullopt, std::nullopt, Language::en));
}

}  // namespace
}  // namespace madoguchi::admin_cli
