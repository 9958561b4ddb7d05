namespace ClusterChat.TestKit;

/// <summary>The client's end of a virtual wire.</summary>
internal interface IWireClient
{
    /// <summary>For the trace.</summary>
    string Name { get; }

    /// <summary>The wire is open.</summary>
    void OnOpen(VirtualWire wire);

    /// <summary>There is nobody to connect to, or nobody who wants another client.</summary>
    void OnRefused(VirtualDial dial);

    /// <summary>A text frame was read.</summary>
    void OnFrame(VirtualWire wire, string frame);

    /// <summary>The wire is over; with a code where the server said goodbye.</summary>
    void OnEnd(VirtualWire wire, int? code);

    /// <summary>The server puts a line on the wire, whether or not it will arrive.</summary>
    void OnServerLine(VirtualWire wire, string line);
}
