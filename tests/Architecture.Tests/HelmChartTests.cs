using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using YamlDotNet.RepresentationModel;

namespace MetaMap.Architecture.Tests;

/// <summary>What the Helm chart and the rest of the project say of the same things; docker/helm/verify.sh renders it.</summary>
public sealed partial class HelmChartTests
{
    private static readonly string _templates = string.Join('\n', Directory.EnumerateFiles(PathOf("templates")).Select(File.ReadAllText));

    /// <summary>Paths of the leaves of values.yaml, and of its empty maps and lists: keys with > between them.</summary>
    public static TheoryData<string> Values => [.. Leaves(Read("values.yaml"), "")];

    [Theory]
    [InlineData("version")]
    [InlineData("appVersion")]
    public void Version_OfChart_IsThatOfTheProgram(string key) =>
        Assert.Equal(XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("Version").Single().Value, Text(Read("Chart.yaml"), key));

    [Theory]
    [MemberData(nameof(Values))]
    public void Value_OfChart_IsInTheSchemaAndATemplateUsesIt(string path)
    {
        string[] keys = path.Split('>');
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(PathOf("values.schema.json")));
        JsonElement schema = document.RootElement;
        foreach (string key in keys)
        {
            if (Resolved(schema, document).TryGetProperty("properties", out JsonElement properties))
            {
                Assert.True(properties.TryGetProperty(key, out schema), $"values.schema.json has no {path}");
            }
            else
            {
                schema = Resolved(schema, document).GetProperty("additionalProperties");
            }
        }

        // Maps with keys of the user are used whole; those of resources are Kubernetes' own.
        string last = keys.TakeWhile(key => !key.Contains('.', StringComparison.Ordinal) && key is not ("requests" or "limits")).Last();
        Assert.Matches($@"[.""]{Regex.Escape(last)}\b", _templates);
    }

    [Fact]
    public void Images_OfChart_AreThoseOfTheDockerfiles()
    {
        string docker = string.Join('\n', Directory.EnumerateFiles(Repository.PathOf("docker"), "*.Dockerfile").Select(File.ReadAllText));
        string[] repositories = [.. RepositoryLine().Matches(File.ReadAllText(PathOf("values.yaml"))).Select(match => match.Groups[1].Value).Distinct()];
        Assert.Equal(["metamap-coordinator", "metamap-worker"], repositories.Order(StringComparer.Ordinal));
        Assert.All(repositories, repository => Assert.Matches($@"-t {repository}\b", docker));
    }

    [Fact]
    public void Ports_OfChart_AreThoseThatTheImageOfACoordinatorExposes()
    {
        string[] exposed = [.. ExposeLine().Match(File.ReadAllText(Repository.PathOf("docker", "coordinator.Dockerfile"))).Groups[1].Value.Split(' ')];
        string[] ports = [.. PortLine().Matches(_templates).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(exposed.Order(StringComparer.Ordinal), ports);
    }

    [Fact]
    public void GracePeriods_OfChart_AreLongerThanTheProgramTakes()
    {
        Assert.Contains("terminationGracePeriodSeconds: 70", _templates, StringComparison.Ordinal);
        Assert.Contains("terminationGracePeriodSeconds: {{ add $group.grace 50 }}", _templates, StringComparison.Ordinal);
        // Beside the grace of a worker, or a coordinator's 30 s: 10 s for the goodbye of the first, 30 s of the host.
        Assert.Contains("ShutdownTimeout = goodbye + TimeSpan.FromSeconds(30)", File.ReadAllText(Repository.PathOf("src", "Cli", "Hosting", "NodeHosts.cs")), StringComparison.Ordinal);
        Assert.Contains("GoodbyeTimeout = grace + TimeSpan.FromSeconds(10)", File.ReadAllText(Repository.PathOf("src", "Cli", "Commands", "WorkerCommand.cs")), StringComparison.Ordinal);
    }

    private static string PathOf(string name) => Repository.PathOf("docker", "helm", "metamap", name);

    private static YamlNode Read(string name)
    {
        using StreamReader text = File.OpenText(PathOf(name));
        YamlStream stream = [];
        stream.Load(text);
        return stream.Documents[0].RootNode;
    }

    private static string? Text(YamlNode node, string key) => ((YamlScalarNode)node[key]).Value;

    private static IEnumerable<string> Leaves(YamlNode node, string path) => node is YamlMappingNode { Children.Count: > 0 } map
        ? map.Children.SelectMany(child => Leaves(child.Value, $"{path}>{((YamlScalarNode)child.Key).Value}"))
        : [path[1..]];

    private static JsonElement Resolved(JsonElement schema, JsonDocument document) => schema.TryGetProperty("$ref", out JsonElement reference)
        ? document.RootElement.GetProperty("definitions").GetProperty(reference.GetString()!.Split('/')[^1]) : schema;

    [GeneratedRegex(@"repository: (\S+)")]
    private static partial Regex RepositoryLine();

    [GeneratedRegex(@"^EXPOSE (.+)$", RegexOptions.Multiline)]
    private static partial Regex ExposeLine();

    [GeneratedRegex(@"containerPort: (\d+)")]
    private static partial Regex PortLine();
}
