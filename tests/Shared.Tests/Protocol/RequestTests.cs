using ClusterChat.Protocol;

namespace ClusterChat.Tests.Protocol;

/// <summary>Every request: what it may look like, and each way in which it may be wrong.</summary>
public sealed class RequestTests
{
    [Fact]
    public void The_name_of_a_hello_comes_in_its_composed_form()
        => Wire.Accepted<HelloRequest>("""{"t":"hello","name":"Jose\u0301  Luis"}""").Name.ShouldBe("José Luis");

    [Fact]
    public void Hello_takes_any_of_its_fields_or_none()
    {
        Wire.Accepted<HelloRequest>("""{"id":1,"t":"hello","name":"ann"}""").ShouldBe(new HelloRequest(1, "ann", null, null));
        Wire.Accepted<HelloRequest>("""{"t":"hello","token":"a.b.c"}""").ShouldBe(new HelloRequest(null, null, null, "a.b.c"));
        Wire.Accepted<HelloRequest>("""{"t":"hello","name":"ann","session":"9f"}""").ShouldBe(new HelloRequest(null, "ann", "9f", null));
        Wire.Accepted<HelloRequest>("""{"t":"hello"}""").ShouldBe(new HelloRequest(null, null, null, null));
    }

    [Fact]
    public void Join_is_fresh_or_resumes()
    {
        Wire.Accepted<JoinRequest>("""{"id":2,"t":"join","room":"lobby"}""").ShouldBe(new JoinRequest(2, "lobby", null, 50));
        Wire.Accepted<JoinRequest>("""{"t":"join","room":"lobby","limit":0}""").Limit.ShouldBe(0);
        Wire.Accepted<JoinRequest>("""{"t":"join","room":"lobby","limit":200}""").Limit.ShouldBe(200);
        Wire.Accepted<JoinRequest>("""{"t":"join","since":{"log":"L1","seq":41},"room":"lobby"}""").Since.ShouldBe(new Position("L1", 41));
        Wire.Accepted<JoinRequest>("""{"t":"join","room":"lobby","since":{"seq":0,"x":[{"log":1}],"log":"\u004c/é"}}""").Since
            .ShouldBe(new Position("L/é", 0));
    }

    [Fact]
    public void Send_takes_a_text_a_reply_and_data()
    {
        var plain = Wire.Accepted<SendRequest>("""{"id":3,"t":"send","room":"lobby","mid":"4b","text":"hi"}""");
        (plain.Id, plain.Room, plain.Mid, plain.Text, plain.Reply, plain.Data.Length).ShouldBe((3, "lobby", "4b", "hi", null, 0));
        Wire.Accepted<SendRequest>("""{"t":"send","room":"l","mid":"m","text":"x","reply":45}""").Reply.ShouldBe(45);
        var data = Wire.Accepted<SendRequest>("""{"t":"send","room":"l","mid":"m","text":"","data": { "a" : [ 1.50 , true, null, {} ] , "b":"x\ny é" } }""").Data;
        Wire.Text(data.Span).ShouldBe("""{"a":[1.50,true,null,{}],"b":"x\ny é"}""");
        Wire.Text(Wire.Accepted<SendRequest>("""{"t":"send","room":"l","mid":"m","text":"","data":{}}""").Data.Span).ShouldBe("{}");
        Wire.Accepted<SendRequest>("""{"t":"send","room":"l","mid":"m","text":" \t\n\u001b👍 \ud83d\udc4d \"\\\/"}""").Text
            .ShouldBe(" \t\n\u001b👍 👍 \"\\/");
    }

    [Fact]
    public void The_other_requests_have_the_defaults_of_the_protocol()
    {
        Wire.Accepted<LeaveRequest>("""{"id":10,"t":"leave","room":"lobby"}""").ShouldBe(new LeaveRequest(10, "lobby"));
        Wire.Accepted<TypingRequest>("""{"t":"typing","room":"lobby"}""").ShouldBe(new TypingRequest(null, "lobby"));
        Wire.Accepted<PingRequest>("""{"id":11,"t":"ping"}""").ShouldBe(new PingRequest(11));
        Wire.Accepted<HistoryRequest>("""{"t":"history","room":"lobby"}""").ShouldBe(new HistoryRequest(null, "lobby", long.MaxValue, 50));
        Wire.Accepted<HistoryRequest>("""{"t":"history","room":"lobby","before":1,"limit":200}""").ShouldBe(new HistoryRequest(null, "lobby", 1, 200));
        Wire.Accepted<MembersRequest>("""{"t":"members","room":"lobby"}""").ShouldBe(new MembersRequest(null, "lobby", "", 200));
        Wire.Accepted<MembersRequest>("""{"t":"members","room":"lobby","after":"bob","limit":1}""").ShouldBe(new MembersRequest(null, "lobby", "bob", 1));
        Wire.Accepted<RoomsRequest>("""{"t":"rooms"}""").ShouldBe(new RoomsRequest(null, "", "", 50));
        Wire.Accepted<RoomsRequest>("""{"t":"rooms","prefix":"lo","after":"lobby","limit":7}""").ShouldBe(new RoomsRequest(null, "lo", "lobby", 7));
    }

    [Theory]
    [InlineData("""{"id":7,"t":"join"}""", "room: is required")]
    [InlineData("""{"id":7,"t":"join","room":1}""", "room: must be a string")]
    [InlineData("""{"id":7,"t":"join","room":null}""", "room: is required")]
    [InlineData("""{"id":7,"t":"join","room":["lobby"]}""", "room: must be a string")]
    [InlineData("""{"id":7,"t":"leave"}""", "room")]
    [InlineData("""{"id":7,"t":"typing"}""", "room")]
    [InlineData("""{"id":7,"t":"history"}""", "room")]
    [InlineData("""{"id":7,"t":"members"}""", "room")]
    [InlineData("""{"id":7,"t":"join","room":"l","limit":-1}""", "limit: must be an integer from 0 to 200")]
    [InlineData("""{"id":7,"t":"join","room":"l","limit":201}""", "limit")]
    [InlineData("""{"id":7,"t":"join","room":"l","limit":"5"}""", "limit")]
    [InlineData("""{"id":7,"t":"join","room":"l","limit":5.0}""", "limit")]
    [InlineData("""{"id":7,"t":"join","room":"l","since":"L1/4"}""", "since: must be an object")]
    [InlineData("""{"id":7,"t":"join","room":"l","since":[]}""", "since")]
    [InlineData("""{"id":7,"t":"join","room":"l","since":{}}""", "since.log: is required")]
    [InlineData("""{"id":7,"t":"join","room":"l","since":{"log":"L"}}""", "since.seq: is required")]
    [InlineData("""{"id":7,"t":"join","room":"l","since":{"log":"","seq":1}}""", "since.log")]
    [InlineData("""{"id":7,"t":"join","room":"l","since":{"log":4,"seq":1}}""", "since.log")]
    [InlineData("""{"id":7,"t":"join","room":"l","since":{"log":"L","seq":-1}}""", "since.seq")]
    [InlineData("""{"id":7,"t":"join","room":"l","since":{"log":"L","seq":1.5}}""", "since.seq")]
    [InlineData("""{"id":7,"t":"join","room":"l","since":{"log":"L","seq":"1"}}""", "since.seq")]
    [InlineData("""{"id":7,"t":"join","room":"l","since":{"log":"L","seq":9007199254740992}}""", "since.seq")]
    [InlineData("""{"id":7,"t":"join","room":"l","since":{"log":"L","seq":99999999999999999999999}}""", "since.seq")]
    [InlineData("""{"id":7,"t":"history","room":"l","limit":0}""", "limit: must be an integer from 1 to 200")]
    [InlineData("""{"id":7,"t":"history","room":"l","limit":201}""", "limit")]
    [InlineData("""{"id":7,"t":"history","room":"l","before":0}""", "before")]
    [InlineData("""{"id":7,"t":"history","room":"l","before":-5}""", "before")]
    [InlineData("""{"id":7,"t":"history","room":"l","before":"5"}""", "before")]
    [InlineData("""{"id":7,"t":"members","room":"l","limit":0}""", "limit")]
    [InlineData("""{"id":7,"t":"members","room":"l","limit":201}""", "limit")]
    [InlineData("""{"id":7,"t":"members","room":"l","after":5}""", "after: must be a string")]
    [InlineData("""{"id":7,"t":"rooms","prefix":{}}""", "prefix")]
    [InlineData("""{"id":7,"t":"rooms","after":true}""", "after")]
    [InlineData("""{"id":7,"t":"rooms","limit":0}""", "limit")]
    [InlineData("""{"id":7,"t":"rooms","limit":201}""", "limit")]
    [InlineData("""{"id":7,"t":"hello","name":5}""", "name: must be a string")]
    [InlineData("""{"id":7,"t":"hello","session":5}""", "session")]
    [InlineData("""{"id":7,"t":"hello","token":{}}""", "token")]
    [InlineData("""{"id":7,"t":"send","mid":"m","text":"x"}""", "room")]
    [InlineData("""{"id":7,"t":"send","room":"l","text":"x"}""", "mid: is required")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"","text":"x"}""", "mid")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"a b","text":"x"}""", "mid")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":5,"text":"x"}""", "mid")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"m"}""", "text: is required")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"m","data":{"a":1}}""", "text: is required")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"m","text":5}""", "text")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"m","text":""}""", "text: must not be empty")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"m","text":"x","reply":0}""", "reply")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"m","text":"x","reply":-1}""", "reply")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"m","text":"x","reply":"1"}""", "reply")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"m","text":"x","data":[]}""", "data: must be an object")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"m","text":"x","data":"{}"}""", "data")]
    [InlineData("""{"id":7,"t":"send","room":"l","mid":"m","text":"x","data":1}""", "data")]
    [InlineData("""{"id":7}""", "t: is required")]
    [InlineData("""{"id":7,"t":5}""", "t: must be a string")]
    [InlineData("""{"id":7,"t":null}""", "t: is required")]
    public void A_bad_field_is_named_in_the_answer(string line, string message) =>
        Wire.Refused(line, ErrorCode.BadRequest, id: 7).Message.ShouldStartWith(message);

    [Theory]
    [InlineData("edit")]
    [InlineData("delete")]
    [InlineData("react")]
    [InlineData("read")]
    [InlineData("SEND")]
    [InlineData("send ")]
    [InlineData("")]
    [InlineData("welcome")]
    [InlineData("\\u0070ong")]
    public void A_type_that_is_not_known_is_said_to_be_so(string type) =>
        Wire.Refused($$"""{"id":7,"t":"{{type}}","room":5}""", ErrorCode.UnknownType, id: 7);

    [Theory]
    [InlineData("join")]
    [InlineData("leave")]
    [InlineData("typing")]
    [InlineData("history")]
    [InlineData("members")]
    public void A_bad_room_has_its_own_code(string type)
    {
        Wire.Refused($$"""{"id":7,"t":"{{type}}","room":""}""", ErrorCode.BadRoom, id: 7).Message.ShouldStartWith("room: ");
        Wire.Refused($$"""{"id":7,"t":"{{type}}","room":"a b"}""", ErrorCode.BadRoom, id: 7);
        Wire.Refused($$"""{"id":7,"t":"{{type}}","room":"cafe\u0301"}""", ErrorCode.BadRoom, id: 7);
        Wire.Refused("""{"id":7,"t":"send","room":"a b","mid":"m","text":"x"}""", ErrorCode.BadRoom, id: 7);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\\nb")]
    [InlineData("\\u202eann")]
    public void A_bad_name_has_its_own_code(string name) =>
        Wire.Refused($$"""{"id":7,"t":"hello","name":"{{name}}"}""", ErrorCode.BadName, id: 7).Message.ShouldStartWith("name: ");

    [Fact]
    public void A_text_or_data_over_its_limit_is_too_long()
    {
        static string Send(string text, string data) =>
            $$$"""{"id":7,"t":"send","room":"l","mid":"m","text":"{{{text}}}","data":{"a":"{{{data}}}"}}""";
        const int quotes = 8;

        Wire.Accepted<SendRequest>(Send(new string('x', 16384), new string('y', 16384 - quotes)));
        Wire.Refused(Send(new string('x', 16385), ""), ErrorCode.TooLong, id: 7).Message.ShouldStartWith("text: ");
        Wire.Refused(Send(new string('é', 8193), ""), ErrorCode.TooLong, id: 7);
        Wire.Refused(Send("x", new string('y', 16385 - quotes)), ErrorCode.TooLong, id: 7).Message.ShouldStartWith("data: ");
    }

    [Fact]
    public void White_space_does_not_count_as_data()
    {
        var line = $$"""{"t":"send","room":"l","mid":"m","text":"","data":{ {{new string(' ', 20000)}} } }""";
        Wire.Text(Wire.Accepted<SendRequest>(line).Data.Span).ShouldBe("{}");
    }

    [Fact]
    public void A_cursor_has_at_most_128_characters()
    {
        Wire.Accepted<RoomsRequest>($$"""{"t":"rooms","prefix":"{{new string('x', 128)}}"}""");
        Wire.Refused($$"""{"t":"rooms","prefix":"{{new string('x', 129)}}"}""", ErrorCode.BadRequest, id: null).Message.ShouldStartWith("prefix: ");
        Wire.Refused($$"""{"t":"members","room":"l","after":"{{new string('x', 129)}}"}""", ErrorCode.BadRequest, id: null).Message.ShouldStartWith("after: ");
    }
}
