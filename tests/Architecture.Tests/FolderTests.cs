namespace MetaMap.Architecture.Tests;

public sealed class FolderTests
{
    public static TheoryData<string> Projects => [.. FolderGraph.Current.ProjectsWithFolders];

    [Fact]
    public void Folders_OfAllProjects_UseEachOtherInNoCircle() => Assert.Empty(FolderGraph.Current.Circles());

    /// <summary>The graph would be worthless if it were empty: these are known uses.</summary>
    [Theory]
    [InlineData("Training", "Training_Loop[Loop] --> Training_Rounds[Rounds]")]
    [InlineData("Learning", "Learning_Models_Conv4[Models/Conv4] --> ")]
    public void Picture_OfKnownUses_ShowsThem(string project, string arrow) =>
        Assert.Contains(arrow, FolderGraph.Current.ToMermaid(project), StringComparison.Ordinal);

    /// <summary>docs/ARCHITECTURE.md has this picture; when it fails, put there what the message says.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public void Document_OfFolders_ShowsThisGraph(string project)
    {
        string expected = $"### {project}\n\n{FolderGraph.Current.ToMermaid(project)}";
        Assert.True(File.ReadAllText(Repository.PathOf("docs", "ARCHITECTURE.md")).Contains(expected, StringComparison.Ordinal), $"docs/ARCHITECTURE.md lacks:\n{expected}");
    }
}
