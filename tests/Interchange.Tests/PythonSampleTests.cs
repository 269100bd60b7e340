using System.Text.RegularExpressions;
using MetaMap.Testing;

namespace MetaMap.Interchange.Tests;

/// <summary>The script of samples/python as it stands, with fewer iterations.</summary>
[Trait("Category", "Slow")]
public sealed partial class PythonSampleTests
{
    [PythonTheory]
    [InlineData(60, 70)]
    public async Task Shapes_AfterFiveExamplesOfEach_AreMostlyRight(int iterations, int least)
    {
        (int exitCode, string said) = await Interpreter.Run(
            new Dictionary<string, string> { ["METAMAP"] = $"dotnet {Repository.Program}", ["ITERATIONS"] = $"{iterations}" }, Repository.PathOf("samples", "python", "shapes.py")).WaitAsync(TestTime.Limit);
        Assert.True(exitCode == 0, said);
        Assert.InRange(int.Parse(Right().Match(said).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), least, 100);
    }

    [GeneratedRegex(@"^(\d+) of 100 right after 5 examples of each", RegexOptions.Multiline)]
    private static partial Regex Right();
}
