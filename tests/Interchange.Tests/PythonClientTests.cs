using System.Text.RegularExpressions;
using MetaMap.Testing;

namespace MetaMap.Interchange.Tests;

/// <summary>The unit tests of <c>clients/python</c>, module by module, with this build's program and networks.</summary>
public sealed partial class PythonClientTests(PythonClientTests.Cases cases) : IClassFixture<PythonClientTests.Cases>
{
    public static TheoryData<string> Modules =>
        [.. Directory.GetFiles(Repository.PathOf("clients", "python", "tests"), "test_*.py").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    [PythonTheory]
    [MemberData(nameof(Modules))]
    public async Task Unittest_OfEachModule_Passes(string module)
    {
        (int exitCode, string said) = await Interpreter.Run(
            new Dictionary<string, string> { ["METAMAP_PROGRAM"] = Repository.Program, ["METAMAP_CASES"] = cases.Folder }, "-m", "unittest", "-v", $"tests.{module}").WaitAsync(TestTime.Limit);
        Assert.True(exitCode == 0 && Ran().IsMatch(said), $"{module} ended with {exitCode}:\n{said}");
    }

    [GeneratedRegex(@"^Ran [1-9]\d* tests? in ", RegexOptions.Multiline)]
    private static partial Regex Ran();

    /// <summary>A folder of network cases.</summary>
    public sealed class Cases : IDisposable
    {
        private readonly TemporaryDirectory _folder = new();

        public Cases()
        {
            foreach (NetworkCase one in Interpreter.WhyNot is null ? NetworkCase.All : [])
            {
                one.Solve().Write(_folder[one.Name]);
            }
        }

        internal string Folder => _folder.Path;

        public void Dispose() => _folder.Dispose();
    }
}
