namespace ClusterChat.SimHooks;

/// <summary>Says which method's calls the weaver turns into calls of this one. An instance method's instance is the first parameter.</summary>
/// <param name="method">
/// As <c>Namespace.Type::Method(parameters' full names)</c>, a constructor as <c>.ctor</c>; generic parameters are
/// written as Cecil does: <c>!0</c> of the type, <c>!!0</c> of the method.
/// </param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class ReplacesAttribute(string method) : Attribute
{
    /// <summary>The method whose calls are replaced.</summary>
    public string Method => method;
}
