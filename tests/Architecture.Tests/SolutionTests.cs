namespace MetaMap.Architecture.Tests;

public sealed class SolutionTests
{
    public static TheoryData<string> Projects =>
        [.. ProjectFile.Under("src").Concat(ProjectFile.Under("tests")).Select(project => Repository.Relative(project.Path))];

    public static TheoryData<string> SourceProjects =>
        [.. ProjectFile.Under("src").Select(project => Path.GetFileNameWithoutExtension(project.Path))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Solution_EachProject_IsInIt(string project) =>
        Assert.Contains($"\"{project}\"", File.ReadAllText(Repository.PathOf("MetaMap.sln")).Replace('\\', '/'));

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void Tests_EachSourceProject_HasItsMirror(string project)
    {
        string mirror = Repository.PathOf("tests", project + ".Tests", project + ".Tests.csproj");
        Assert.True(File.Exists(mirror), $"src/{project} has no tests/{project}.Tests");
    }
}
