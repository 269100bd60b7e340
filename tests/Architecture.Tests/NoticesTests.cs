using System.Text.Json;

namespace MetaMap.Architecture.Tests;

/// <summary>THIRD-PARTY-NOTICES.md names what the program is shipped with.</summary>
public sealed class NoticesTests
{
    private static readonly string[] _whileBuilding = ["Akka.Analyzers", "Grpc.Tools", "Microsoft.CodeAnalysis.BannedApiAnalyzers"];

    [Fact]
    public void Notices_PackagesOfTheProgram_AllHaveALineWithTheirVersion()
    {
        string notices = File.ReadAllText(Repository.PathOf("THIRD-PARTY-NOTICES.md"));
        using JsonDocument assets = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("src", "Cli", "obj", "project.assets.json")));
        string[] missing =
        [
            .. assets.RootElement.GetProperty("libraries").EnumerateObject().Where(library => library.Value.GetProperty("type").GetString() == "package")
                .Select(library => library.Name.Split('/')).Where(package => !_whileBuilding.Contains(package[0]))
                .Select(package => $"| {package[0]} | {package[1]} |").Where(line => !notices.Contains(line, StringComparison.Ordinal)),
        ];
        Assert.True(missing.Length == 0, $"call eng/notices.py, which adds:\n{string.Join('\n', missing)}");
    }
}
