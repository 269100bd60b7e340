using System.Globalization;
using System.Text;
using System.Text.Json;
using MetaMap.Cluster.Tests;
using MetaMap.Testing;
using Microsoft.Playwright;

namespace MetaMap.Dashboard.Tests;

/// <summary>"Try it" as somebody uses it, against <c>metamap serve</c> of a model that was trained a moment ago.</summary>
[Trait("Category", "Slow"), Collection(BrowserTests.Name)]
public sealed class TryItTests(Browser browser) : IDisposable
{
    private static readonly (string Name, (int X, int Y)[][] Strokes)[] _characters =
    [
        ("triangle", [[(20, 80), (50, 20), (80, 80), (20, 80)]]),
        ("cross", [[(50, 15), (50, 85)], [(15, 50), (85, 50)]]),
        ("zed", [[(20, 20), (80, 20), (20, 80), (80, 80)]]),
        ("ell", [[(30, 15), (30, 85), (75, 85)]]),
        ("gate", [[(20, 85), (20, 20), (80, 20), (80, 85)]]),
    ];

    private const int Shots = 5;
    private const int Questions = 100;

    private readonly Nodes _nodes = new();

    public void Dispose() => _nodes.Dispose();

    [BrowserFact]
    public async Task TryIt_DrawnExamples_NamesOtherDrawings()
    {
        await MetamapProcess.Run(
            "train", "--json", "--dataset", "glyphs", "--algorithm", "protonet", "--filters", "16", "--shots", "5", "--iterations", "60", "--meta-batch", "4", "--eval-episodes", "0",
            "--out", _nodes.Folder["glyphs"], "--http-port", "0");
        await _nodes.Serve(_nodes.Folder["glyphs/model.safetensors"]);
        await using WatchedPage watched = await browser.Open(_nodes.Url, "#/try");
        IPage page = watched.Page;

        // What is missing is said before anything is sent.
        await watched.Button("Adapt").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Class 1 has no examples: give each class at least one.");
        ILocator cards = page.Locator(".card");
        while (await cards.CountAsync() < _characters.Length)
        {
            await watched.Button("Add a class").ClickAsync();
        }

        Random hand = new(1);
        for (int i = 0; i < _characters.Length; i++)
        {
            ILocator card = cards.Nth(i);
            await card.GetByLabel("Name of the class").FillAsync(_characters[i].Name);
            for (int example = 0; example < Shots; example++)
            {
                await watched.Draw(card.Locator("canvas"), _characters[i].Strokes, hand);
                await card.GetByText("Add", new() { Exact = true }).ClickAsync();
            }

            await Assertions.Expect(card.GetByText($"{Shots} examples")).ToBeVisibleAsync();
        }

        await watched.Button("Adapt").ClickAsync();
        await Assertions.Expect(page.GetByText("Adapted version 60 to 25 examples of 5 classes in ")).ToBeVisibleAsync();
        ILocator question = page.Locator(".question");
        int right = 0;
        for (int i = 0; i < Questions; i++)
        {
            (string name, (int X, int Y)[][] strokes) = _characters[i % _characters.Length];
            await watched.Button("Clear drawing: what shall it name?").ClickAsync();
            await watched.Draw(question.Locator("canvas"), strokes, hand);
            await watched.Answers();
            right += (await question.Locator(".best").TextContentAsync())!.StartsWith($"{name}, ", StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.True(right >= 0.85 * Questions, $"{right} of {Questions}");
        await Assertions.Expect(question.GetByRole(AriaRole.Meter)).ToHaveCountAsync(5);
        await watched.Picture("try");
        IDownload file = await page.RunAndWaitForDownloadAsync(() => watched.Button("Download adapted model").ClickAsync());
        await file.SaveAsAsync(_nodes.Folder["adapted.safetensors"]);
        byte[] picture = PngFile.Of(28, 28, 1, (y, x, _) => x == y ? 0 : 255);
        await File.WriteAllBytesAsync(_nodes.Folder["own.png"], picture);
        JsonElement named = await MetamapProcess.Run("predict", "--json", "--file", _nodes.Folder["adapted.safetensors"], "--query", _nodes.Folder["own.png"]);
        Assert.Contains(named.GetProperty("label").GetString(), _characters.Select(character => character.Name));

        // A file and a photograph are examples as well; then the page says that they are not used yet.
        await cards.First.Locator("input[type=file]").SetInputFilesAsync(new FilePayload
        {
            Name = "own.png", MimeType = "image/png", Buffer = picture,
        });
        await Assertions.Expect(cards.First.GetByText("6 examples")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("The examples have changed")).ToBeVisibleAsync();
        await watched.Button("Photograph: Class 1").ClickAsync();
        await watched.Button("Take photograph").ClickAsync();
        await watched.Button("Done").ClickAsync();
        await Assertions.Expect(cards.First.GetByText("7 examples")).ToBeVisibleAsync();
        await watched.Button("Adapt").ClickAsync();
        await Assertions.Expect(page.GetByText("to 27 examples of 5 classes")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task TryIt_ModelOfTexts_TakesTexts()
    {
        string[] words = ["red", "blue", "green", "small", "round", "old", "new", "fast", "slow", "wide", "cold", "warm", "soft", "loud", "calm"];
        await File.WriteAllLinesAsync(_nodes.Folder["texts.tsv"], from word in words from i in Enumerable.Range(0, 8) select $"{word}\tthe {word} thing number {i}");
        await MetamapProcess.Run(
            "train", "--json", "--dataset", "text", "--data", _nodes.Folder["texts.tsv"], "--ways", "3", "--shots", "2", "--queries", "2", "--iterations", "2", "--meta-batch", "2", "--buckets", "512",
            "--eval-episodes", "0", "--out", _nodes.Folder["texts"], "--http-port", "0");
        await _nodes.Serve(_nodes.Folder["texts/model.safetensors"]);
        await using WatchedPage watched = await browser.Open(_nodes.Url, "#/try/texts");
        foreach ((int i, string texts) in new[] { (0, "a loaf of bread\nfresh bread rolls"), (1, "a glass of water\nsparkling water") })
        {
            ILocator card = watched.Page.Locator(".card").Nth(i);
            await card.GetByRole(AriaRole.Textbox, new() { Name = "Texts, one a line" }).FillAsync(texts);
            await card.GetByText("Add", new() { Exact = true }).ClickAsync();
            await Assertions.Expect(card.GetByText("2 examples")).ToBeVisibleAsync();
        }

        await watched.Button("Adapt").ClickAsync();
        await watched.Page.GetByRole(AriaRole.Textbox, new() { Name = "what shall it name?" }).FillAsync("more water, please");
        await Assertions.Expect(watched.Page.Locator(".best")).ToContainTextAsync("Class 2, ");
        await watched.Picture("try-texts");
    }

    [BrowserFact]
    public async Task TryIt_ModelOfATable_PredictsRowsThatArePastedOrDropped()
    {
        await File.WriteAllLinesAsync(_nodes.Folder["scores.csv"], ["school,hours,sleep,score", .. from school in Enumerable.Range(0, 15) from i in Enumerable.Range(0, 10) select $"s{school},{i},{7 + (i % 3)},{10000 + (1000 * school) + ((100 + school) * i)}"]);
        await MetamapProcess.Run(
            "train", "--json", "--dataset", "csv", "--data", _nodes.Folder["scores.csv"], "--task-column", "school", "--target-column", "score", "--shots", "3", "--queries", "2", "--iterations", "2",
            "--meta-batch", "2", "--eval-episodes", "0", "--out", _nodes.Folder["scores"], "--http-port", "0");
        await _nodes.Serve(_nodes.Folder["scores/model.safetensors"]);
        await using WatchedPage watched = await browser.Open(_nodes.Url, "#/try/scores");
        IPage page = watched.Page;
        await watched.Button("Adapt").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Give a few rows with their score.");

        // Without names of columns, in their order; a row too short is named before anything is sent.
        ILocator labelled = page.GetByRole(AriaRole.Textbox, new() { Name = "Rows with score" });
        await labelled.FillAsync("1,7,20100\n2,20200");
        await Assertions.Expect(page.GetByText("Row 2 has 2 fields, expected 3: hours, sleep, score.")).ToBeVisibleAsync();
        await labelled.FillAsync("1,7,20100\n2,8,20200\n5,9,20500\n");
        await Assertions.Expect(page.GetByText("3 rows", new() { Exact = true })).ToBeVisibleAsync();
        await watched.Button("Adapt").ClickAsync();
        await Assertions.Expect(page.GetByText(" to 3 rows in ")).ToBeVisibleAsync();

        // With names, in any order, as somebody's file has them.
        string[] asked = ["sleep;hours", "8;3", "\"7\";4.5"];
        await page.Locator(".question input[type=file]").SetInputFilesAsync(new FilePayload { Name = "others.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(string.Join("\r\n", asked)) });
        ILocator cells = page.GetByRole(AriaRole.Table, new() { Name = "Predictions" }).Locator("tbody td");
        await Assertions.Expect(cells).ToHaveCountAsync(2);
        await File.WriteAllLinesAsync(_nodes.Folder["mine.csv"], ["hours,sleep,score", "1,7,20100", "2,8,20200", "5,9,20500"]);
        await File.WriteAllLinesAsync(_nodes.Folder["other.csv"], ["sleep,hours", "7,4.5"]);
        JsonElement here = await MetamapProcess.Run("adapt", "--json", "--file", _nodes.Folder["scores/model.safetensors"], "--support", _nodes.Folder["mine.csv"], "--query", _nodes.Folder["other.csv"]);
        Assert.Equal(here.GetProperty("value").GetDouble(), double.Parse(await cells.Nth(1).InnerTextAsync(), NumberStyles.Number, CultureInfo.InvariantCulture), 0.1);
        await watched.Picture("try-rows");

        // What the model cannot read is said in the coordinator's words.
        await labelled.FillAsync("hours,score\n1,20100");
        await Assertions.Expect(page.GetByText("The examples have changed")).ToBeVisibleAsync();
        await watched.Button("Adapt").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("sleep");
    }

    [BrowserFact]
    public async Task TryIt_ModelOfRatings_PredictsRatings()
    {
        string[] items = [.. Enumerable.Range(0, 30).Select(i => $"film {i}")];
        await File.WriteAllLinesAsync(_nodes.Folder["ratings.csv"], ["user,item,rating", .. from user in Enumerable.Range(0, 30) from i in Enumerable.Range(0, 30) where (user + i) % 2 == 0 select $"u{user},{items[i]},{1 + ((user + (2 * i)) % 5)}"]);
        await MetamapProcess.Run(
            "train", "--json", "--dataset", "ratings", "--data", _nodes.Folder["ratings.csv"], "--shots", "3", "--queries", "2", "--iterations", "2", "--meta-batch", "2", "--eval-episodes", "0",
            "--out", _nodes.Folder["films"], "--http-port", "0");
        await _nodes.Serve(_nodes.Folder["films/model.safetensors"]);
        await using WatchedPage watched = await browser.Open(_nodes.Url, "#/try/films");
        await watched.Page.GetByRole(AriaRole.Textbox, new() { Name = "Rows with rating" }).FillAsync("film 1,5\nfilm 2,1\nfilm 7,4");
        await watched.Button("Adapt").ClickAsync();
        await watched.Page.GetByRole(AriaRole.Textbox, new() { Name = "Rows to predict" }).FillAsync("film 3\nfilm 4");
        ILocator rows = watched.Page.GetByRole(AriaRole.Table, new() { Name = "Predictions" }).Locator("tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(2);
        await Assertions.Expect(rows.First).ToContainTextAsync("film 3");
        await watched.Picture("try-ratings");
    }
}
