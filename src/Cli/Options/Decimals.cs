using System.CommandLine;
using System.CommandLine.Parsing;
using MetaMap.Core.Options;

namespace MetaMap.Cli.Options;

/// <summary>Numbers with decimals on the command line: the parser's own reading would let commas stand anywhere, as if between thousands.</summary>
internal static class Decimals
{
    /// <summary>Reads the option with a point for decimals and nothing between thousands.</summary>
    public static Option<double> ReadStrictly(this Option<double> option)
    {
        option.CustomParser = Read;
        return option;
    }

    private static double Read(ArgumentResult result)
    {
        if (result.Tokens is [{ Value: var word }] && NumberText.TryRead(word, out double value))
        {
            return value;
        }

        // UsageError says it in words of its own.
        result.AddError("It is not a number.");
        return default;
    }
}
