using System.Text;
using ClusterChat.Protocol;

namespace ClusterChat.Tests.Protocol;

public sealed class CodeTests
{
    // Section 5 of the protocol, and 409 of section 7.
    private static readonly Dictionary<ErrorCode, (string Name, bool Temporary)> Errors = new()
    {
        [ErrorCode.BadRequest] = ("bad_request", false),
        [ErrorCode.UnknownType] = ("unknown_type", false),
        [ErrorCode.TooLong] = ("too_long", false),
        [ErrorCode.BadRoom] = ("bad_room", false),
        [ErrorCode.BadName] = ("bad_name", false),
        [ErrorCode.NameTaken] = ("name_taken", false),
        [ErrorCode.NotJoined] = ("not_joined", false),
        [ErrorCode.NotFound] = ("not_found", false),
        [ErrorCode.Forbidden] = ("forbidden", false),
        [ErrorCode.Banned] = ("banned", false),
        [ErrorCode.Muted] = ("muted", false),
        [ErrorCode.RoomLimit] = ("room_limit", false),
        [ErrorCode.RateLimited] = ("rate_limited", true),
        [ErrorCode.Busy] = ("busy", true),
        [ErrorCode.Unavailable] = ("unavailable", true),
        [ErrorCode.LogChanged] = ("log_changed", false),
        [ErrorCode.Unauthorized] = ("unauthorized", false),
    };

    private static readonly Dictionary<CloseReason, (ushort Code, string Text)> Closes = new()
    {
        [CloseReason.Normal] = (1000, "normal"),
        [CloseReason.GoingAway] = (1001, "going away"),
        [CloseReason.Shutdown] = (3001, "shutdown"),
        [CloseReason.Slow] = (3008, "slow"),
        [CloseReason.NoPong] = (3012, "no pong"),
        [CloseReason.Rate] = (3013, "rate"),
        [CloseReason.Unauthorized] = (3500, "unauthorized"),
        [CloseReason.BadRequest] = (3501, "bad request"),
        [CloseReason.Disconnected] = (3503, "disconnected"),
        [CloseReason.ConnectionLimit] = (3504, "connection limit"),
    };

    [Fact]
    public void Every_error_code_has_the_name_and_the_permanence_of_the_protocol()
    {
        Enum.GetValues<ErrorCode>().ShouldBe(Errors.Keys, ignoreOrder: true);
        foreach (var (code, (name, temporary)) in Errors)
        {
            ErrorCodes.Name(code).ShouldBe(name);
            ErrorCodes.IsTemporary(code).ShouldBe(temporary);
        }
    }

    [Fact]
    public void Every_close_reason_has_the_code_and_the_text_of_the_protocol()
    {
        Enum.GetValues<CloseReason>().ShouldBe(Closes.Keys, ignoreOrder: true);
        foreach (var (reason, (code, text)) in Closes)
        {
            reason.Code().ShouldBe(code);
            reason.Text().ShouldBe(text);
            Encoding.UTF8.GetByteCount(text).ShouldBeLessThanOrEqualTo(123);
        }
    }

    [Fact]
    public void A_number_that_is_no_code_is_a_fault_of_the_caller()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => ErrorCodes.Name((ErrorCode)(-1)));
        Should.Throw<ArgumentOutOfRangeException>(() => ((CloseReason)1).Text());
    }
}
