using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using MetaMap.Core.Options;
using MetaMap.Testing;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Tests.Configuration;

/// <summary>Run options as JSON, as somebody might send them who wishes a coordinator ill.</summary>
internal static class HostileOptions
{
    private static readonly ImmutableArray<string> _keys =
    [.. PartRegistry.Options.Select(pair => pair.Option.Key), "width", ""];

    private static readonly Gen<string> _value = Gen.OneOf(
        Extremes.AnyOf(Extremes.Numbers).Select(number => number.ToString(CultureInfo.InvariantCulture)),
        Gen.Int[0, 5].Select(number => number.ToString(CultureInfo.InvariantCulture)),
        Extremes.AnyOf("null", "true", "false", "[]", "{}", "1e400", "-0.5", "0.1", "1.0", "\"\\ud800\"", "1e-400"),
        Extremes.Text.Select(text => JsonSerializer.Serialize(text)));

    /// <summary>Objects with keys that exist and values that fit now and then.</summary>
    public static readonly Gen<string> Json = Gen.Select(Extremes.AnyOf([.. _keys]), _value).Array[0, 6].Select(entries =>
        "{" + string.Join(',', entries.Select(entry => $"\"{entry.Item1}\":{entry.Item2}")) + "}");

    /// <summary>The same, whole options of this version, and both with bytes or characters changed.</summary>
    public static readonly Gen<string> Texts = Gen.Frequency(
        (3, Json),
        (2, HostileBytes.From(Gen.OneOf(Gen.Const(RunOptionsJson.Write(OptionValues.None.Resolve())), Json).Select(Encoding.UTF8.GetBytes)).Select(Encoding.UTF8.GetString)),
        (1, Gen.Select(Json, Extremes.Text, Gen.UInt, (json, text, at) => json.Insert((int)(at % (json.Length + 1)), text))));
}
