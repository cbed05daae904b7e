/// Explains octets without being told what they are: whole messages, streams, captures of networks.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "decode/conversation.hpp"
#include "decode/frames.hpp"
#include "decode/tree.hpp"

namespace ferraris::decode {

/// Takes each item as soon as it is explained, in order.
using Sink = std::function<void(Item&&)>;

/// Octets of one direction of a line or connection, in any pieces. What is no frame comes out as one item for each run
/// of such octets.
class Scanner {
public:
    /// `link` is shared by the two directions. `name` goes into the items: "input", "TCP … to …".
    Scanner(const Toolbox& tools, Link& link, std::string name, const Sink& sink)
        : tools_(tools), link_(link), name_(std::move(name)), sink_(sink) {}

    /// `time` is that of the piece, for the items that end in it; may be empty.
    void push(ByteView octets, const std::string& time);
    /// Something was lost here: what has begun ends.
    void gap(std::uint64_t octets);
    /// The end: what is left is explained as far as it goes.
    void finish();

    [[nodiscard]] std::size_t frames() const { return frames_; }
    /// Octets that were in no frame.
    [[nodiscard]] std::uint64_t noise() const { return noise_octets_; }
    /// Runs of octets that are in no frame are not given to the sink: for captures with other traffic.
    void drop_noise() { drop_noise_ = true; }

private:
    void scan(bool at_end);
    void emit(FrameKind kind, std::size_t length);
    void flush_noise();

    Toolbox tools_;
    Link& link_;
    std::string name_;
    const Sink& sink_;
    Octets pending_{};
    std::size_t begin_{0};     ///< what is before it in `pending_` has been given out
    std::size_t position_{0};  ///< from `begin_` up to here are octets of no frame
    std::uint64_t start_{0};   ///< of `pending_` in the stream
    std::size_t frames_{0};
    std::uint64_t noise_octets_{0};
    bool out_of_step_{false};  ///< the octets before `position_` were no frame
    bool drop_noise_{false};
    std::string time_{};
};

/// One whole message: frames, or an APDU or a piece of one without any frame around it. `start`: of its first octet in
/// what `name` names. `strict`: only what can be explained from end to end is taken for an APDU; the answer is false,
/// and the sink is not called, when it is nothing that is known.
bool explain_message(const Toolbox& tools, Link& link, ByteView octets, const std::string& name, std::uint64_t start,
                     const std::string& time, bool strict, const Sink& sink);

}  // namespace ferraris::decode
