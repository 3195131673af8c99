#include "crypto/hash_gate.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <atomic>
#include <memory>

namespace madoguchi::crypto {
namespace {

using namespace std::chrono_literals;

// A salt that comes only when the test says so: a hash that stays in the gate as long as wanted.
class HeldEntropy final : public Entropy {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        std::unique_lock lock(mutex_);
        const bool held = !open_;
        open_ = open_ || only_one_;
        changed_.wait(lock, [&] { return !held || released_; });
        std::fill(bytes.begin(), bytes.end(), std::uint8_t{7});
    }
    enum class Held { all, only_one };
    void hold(Held held) {
        const std::lock_guard lock(mutex_);
        open_ = false;
        only_one_ = held == Held::only_one;
    }
    void let_go() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        released_ = true;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = true;
    bool only_one_ = false;
    bool released_ = false;
};

constexpr auto kEndlessPatience = 10min;  // a test that holds a hash is no starved machine

class HashGateTest : public testing::Test {
protected:
    void make_gate(HashGateOptions options) {
        gate_ = std::make_unique<HashGate>(hasher_, options, [this](const HashGateGauges& gauges) {
            most_running_ = std::max(most_running_.load(), gauges.running);
            most_waiting_ = std::max(most_waiting_.load(), gauges.waiting);
        });
    }
    void hold(HeldEntropy::Held held = HeldEntropy::Held::all) { entropy_.hold(held); }
    void let_go() { entropy_.let_go(); }
    // Starts a hash that the held entropy keeps in the gate.
    void start_one() {
        threads_.emplace_back([this] {
            const auto result = gate_->hash(password_);
            (result ? done_ : refused_) += 1;
        });
    }
    template <class Condition>
    bool comes_true(Condition condition) {
        for (const auto deadline = std::chrono::steady_clock::now() + 20s;
             std::chrono::steady_clock::now() < deadline;) {
            if (condition()) {
                return true;
            }
            std::this_thread::yield();
        }
        return false;
    }
    bool gauges_become(std::size_t waiting, std::size_t running) {
        return comes_true([&] { return gate_->gauges().waiting == waiting && gate_->gauges().running == running; });
    }
    void TearDown() override {
        let_go();
        for (auto& thread : threads_) {
            thread.join();
        }
    }

    HeldEntropy entropy_;
    const SecretText password_{"correct horse battery"};
    PasswordHasher hasher_{SecretText("pepper"), entropy_, {.memory_kib = 64, .passes = 1}};
    std::atomic<std::size_t> most_running_ = 0;
    std::atomic<std::size_t> most_waiting_ = 0;
    std::atomic<int> done_ = 0;
    std::atomic<int> refused_ = 0;
    std::unique_ptr<HashGate> gate_;
    std::vector<std::thread> threads_;
};

TEST_F(HashGateTest, HashesAndVerifies) {
    make_gate({.threads = 2});
    const auto phc = gate_->hash(password_).value();
    EXPECT_TRUE(gate_->verify(phc, password_).value());
    EXPECT_FALSE(gate_->verify(phc, SecretText("wrong")).value());
    EXPECT_FALSE(gate_->verify("not a phc", password_));
    EXPECT_TRUE(gate_->spend(password_));
}

TEST_F(HashGateTest, AFullQueueIsBusyAtOnceAndSaysWhenToComeBack) {
    make_gate({.threads = 1, .waiting = 2, .patience = kEndlessPatience});
    hold();
    start_one();
    ASSERT_TRUE(gauges_become(0, 1));
    start_one();
    start_one();
    ASSERT_TRUE(gauges_become(2, 1));
    const auto refused = gate_->hash(password_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(refused.error().message_id, "busy");
    EXPECT_EQ(refused.error().retry_after, limits::kHashRetryAfter);
    let_go();
    EXPECT_TRUE(comes_true([&] { return done_ == 3; }));
    EXPECT_TRUE(gauges_become(0, 0));
    EXPECT_TRUE(gate_->hash(password_)) << "and it goes on";
}

TEST_F(HashGateTest, NoTurnInTimeIsBusyAndLeavesTheQueue) {
    make_gate({.threads = 1, .waiting = 8, .wait = 100ms, .patience = kEndlessPatience});
    hold();
    // On a loaded machine the first one may itself miss its turn: until one is inside.
    ASSERT_TRUE(comes_true([&] {
        if (gate_->gauges().waiting + gate_->gauges().running == 0) {
            start_one();
        }
        return gate_->gauges().running == 1;
    }));
    const auto late = gate_->verify(hasher_.decoy(), password_);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().message_id, "busy");
    EXPECT_TRUE(gauges_become(0, 1));
    let_go();
    EXPECT_TRUE(comes_true([&] { return done_ == 1; })) << "who was running when the time was up still gets an answer";
}

TEST_F(HashGateTest, NeverRunsMoreThanItsThreads) {
    make_gate({.threads = 2, .waiting = 64, .patience = kEndlessPatience});
    for (int i = 0; i < 40; ++i) {
        start_one();
    }
    EXPECT_TRUE(comes_true([&] { return done_ == 40; }));
    EXPECT_EQ(refused_, 0);
    EXPECT_LE(most_running_, 2U);
    EXPECT_GE(most_running_, 1U);
    EXPECT_LE(most_waiting_, 64U);
}

TEST_F(HashGateTest, StoppingAnswersEverybody) {
    make_gate({.threads = 1, .waiting = 8, .patience = kEndlessPatience});
    hold();
    start_one();
    ASSERT_TRUE(gauges_become(0, 1));
    start_one();
    start_one();
    ASSERT_TRUE(gauges_become(2, 1));
    std::thread stopper([&] { gate_.reset(); });
    EXPECT_TRUE(comes_true([&] { return refused_ == 2; }));
    let_go();
    stopper.join();
    EXPECT_TRUE(comes_true([&] { return done_ == 1; }));
}

TEST_F(HashGateTest, ACallerHashesByItselfWhereTheThreadsGetNoTime) {
    make_gate({.threads = 1, .patience = 50ms});
    hold(HeldEntropy::Held::only_one);
    start_one();  // its thread stays where it is
    EXPECT_TRUE(comes_true([&] { return done_ == 1; }));
    EXPECT_EQ(gate_->gauges().running, 1U);
    EXPECT_FALSE(gate_->verify(hasher_.decoy(), password_).value()) << "and so does the next, from the queue";
    EXPECT_EQ(gate_->gauges().waiting, 0U);
    let_go();
    EXPECT_TRUE(gauges_become(0, 0)) << "what the thread had begun is dropped";
    EXPECT_TRUE(gate_->hash(password_));
    EXPECT_LE(most_running_, 1U);
}

TEST_F(HashGateTest, CallersHashByThemselvesOneAtATime) {
    make_gate({.threads = 1, .wait = 200ms, .patience = 50ms});
    hold();
    start_one();  // held on its thread, and then once more by its caller
    start_one();
    EXPECT_TRUE(comes_true([&] { return refused_ == 1; })) << "who waits too long for the other is told so";
    let_go();
    EXPECT_TRUE(comes_true([&] { return done_ == 1; }));
}

TEST_F(HashGateTest, WorksAgainAfterItsMemoryWasGivenBack) {
    make_gate({.threads = 1, .idle = 0ms});
    const auto phc = gate_->hash(password_).value();
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(gate_->verify(phc, password_).value());
    }
}

}  // namespace
}  // namespace madoguchi::crypto
