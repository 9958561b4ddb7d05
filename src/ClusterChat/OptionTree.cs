using System.Collections;
using System.ComponentModel;
using System.Reflection;

namespace ClusterChat.Host;

/// <summary>One option: a property of the typed tree below <see cref="NodeOptions"/>.</summary>
/// <param name="Key">Its key in the configuration, such as <c>ClusterChat:Limits:SendsPerSecond</c>.</param>
/// <param name="Property">Its property.</param>
/// <param name="Owner">The object that has it.</param>
internal sealed record OptionLeaf(string Key, PropertyInfo Property, object Owner)
{
    public object? Value
    {
        get => Property.GetValue(Owner);
        set => Property.SetValue(Owner, value);
    }

    /// <summary>Whether its value is not to be shown: marked with <see cref="PasswordPropertyTextAttribute"/>.</summary>
    public bool IsSecret => Property.GetCustomAttribute<PasswordPropertyTextAttribute>()?.Password ?? false;
}

/// <summary>The options as a tree: what is no single value and no list of them has options of its own.</summary>
internal static class OptionTree
{
    /// <summary>All options below an object.</summary>
    public static IEnumerable<OptionLeaf> Leaves(object options, string path)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            var key = $"{path}:{property.Name}";
            if (IsLeaf(property.PropertyType))
            {
                yield return new OptionLeaf(key, property, options);
                continue;
            }

            foreach (var leaf in Leaves(property.GetValue(options)!, key))
            {
                yield return leaf;
            }
        }
    }

    /// <summary>Whether values of a type are options, rather than groups of them.</summary>
    public static bool IsLeaf(Type type) => IsList(type) || type.IsValueType || type == typeof(string);

    /// <summary>Whether an option is a list, with keys <c>:0</c>, <c>:1</c> and so on.</summary>
    public static bool IsList(Type type) => type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type);
}
