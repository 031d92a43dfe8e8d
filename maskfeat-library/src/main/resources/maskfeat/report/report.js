(function () {
  'use strict';
  var still = matchMedia('(prefers-reduced-motion: reduce)');
  document.querySelectorAll('.film').forEach(function (film) {
    var video = film.querySelector('video');
    var link = film.querySelector('a');
    link.setAttribute('href', video.src); // here, so that the page holds the film once
    link.hidden = false;
    function move() {
      if (still.matches) video.pause();
      else video.play().catch(function () {}); // a browser may want to be asked: it has the controls
    }
    still.addEventListener('change', move);
    move();
  });
})();
(function () {
  'use strict';
  // Paper cannot be clicked.
  document.querySelectorAll('details').forEach(function (folded) {
    addEventListener('beforeprint', function () { folded.dataset.open = folded.open ? '1' : ''; folded.open = true; });
    addEventListener('afterprint', function () { folded.open = folded.dataset.open === '1'; });
  });
})();
(function () {
  'use strict';
  var charts = JSON.parse(document.getElementById('chart-data').textContent);
  var place = document.getElementById('charts');
  if (!place) return;

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }
  function digits(value, count) {
    if (value === 0) return '0';
    var size = Math.abs(value);
    return size < 1e-3 || size >= 1e6 ? value.toExponential(2) : String(Number(value.toPrecision(count)));
  }
  var show = {
    loss: function (v) { return digits(v, 4); },
    number: function (v) { return digits(v, 4); },
    scientific: function (v) { return v === 0 ? '0' : v.toExponential(2); },
    percent: function (v) { return (100 * v).toFixed(1) + '%'; },
    accuracy: function (v) { return v.toFixed(1) + '%'; }
  };
  // The read-out says the last value where nothing is pointed at.
  function value(format) {
    return function (u, v, series, index) {
      if (index == null) {
        var values = u.data[series].filter(function (one) { return one != null; });
        v = values[values.length - 1];
      }
      return v == null ? '\u2013' : format(v);
    };
  }
  function tick(format) {
    return function (u, values) {
      return values.map(function (v) {
        if (v == null) return '';
        if (format === 'percent') return Number((100 * v).toPrecision(6)) + '%';
        if (format === 'accuracy') return Number(v.toPrecision(6)) + '%';
        if (format === 'scientific') return v === 0 ? '0' : String(Number(v.toPrecision(6)).toExponential());
        return digits(v, 6);
      });
    };
  }
  function steps(u, values) {
    return values.map(function (v) { return v == null || v % 1 ? '' : v.toLocaleString('en'); });
  }
  function epochs(u, values) {
    return values.map(function (v) { return v == null ? '' : digits(v, 6); });
  }
  // Curves have points at places of their own: each reads the one of its own that is nearest.
  function nearest(u, series, index) {
    var values = u.data[series];
    for (var far = 0; far < values.length; far++) {
      if (values[index - far] != null) return index - far;
      if (values[index + far] != null) return index + far;
    }
    return index;
  }
  var colours = 8;
  var borders = ['solid', 'dashed', 'dotted', 'double']; // of a name's box, as its line is dashed
  var dashes = [[], [6, 4], [2, 3], [9, 3, 2, 3]];

  function draw(chart, into) {
    var data = chart.runs ? uPlot.join(chart.runs) : chart.data; // of several runs each has an x of its own
    // Where there are more runs than colours, another pattern tells two of one colour apart.
    function lineOf(i) {
      var line = chart.lines ? chart.lines[i] : [i, i];
      return [line[0] % colours, line[1] + (chart.lines ? Math.floor(line[0] / colours) : 0)];
    }
    var byEpoch = chart.x === 'epoch';
    var series = [{
      label: chart.x || 'step',
      value: value(function (v) { return byEpoch ? digits(v, 4) : v.toLocaleString('en'); })
    }];
    chart.series.forEach(function (label, i) {
      var line = lineOf(i);
      var stroke = colour('--line-' + (line[0] + 1));
      var few = data[i + 1].filter(function (v) { return v != null; }).length < 40;
      series.push({
        label: label, stroke: stroke, dash: dashes[line[1] % dashes.length], width: 1.5, spanGaps: true,
        points: { show: few, size: 5, fill: stroke }, value: value(show[chart.format])
      });
    });
    var font = '12px system-ui, sans-serif';
    function axis(more) {
      return Object.assign({
        stroke: colour('--quiet'), font: font,
        grid: { stroke: colour('--grid'), width: 1 }, ticks: { stroke: colour('--grid'), width: 1 }
      }, more);
    }
    return new uPlot({
      width: Math.max(200, into.clientWidth), height: chart.wide ? 300 : 210,
      scales: { x: { time: false } },
      axes: [axis({ values: byEpoch ? epochs : steps, size: 34 }), axis({ values: tick(chart.format), size: 66 })],
      cursor: { dataIdx: function (u, s, index) { return s === 0 ? index : nearest(u, s, index); } },
      legend: { markers: { dash: function (u, s) { return borders[lineOf(s - 1)[1] % borders.length]; } } },
      series: series
    }, data, into);
  }

  var boxes = charts.map(function (chart) {
    var box = document.createElement('div');
    box.className = chart.wide ? 'chart wide' : 'chart';
    var title = document.createElement('h3');
    title.textContent = chart.title;
    box.appendChild(title);
    place.appendChild(box);
    return { chart: chart, box: box, plot: null };
  });
  function redraw() {
    boxes.forEach(function (b) {
      if (b.plot) b.plot.destroy();
      b.plot = draw(b.chart, b.box);
    });
  }
  redraw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  function onPaper(printing) {
    document.documentElement.classList.toggle('paper', printing);
    redraw();
  }
  addEventListener('beforeprint', function () { onPaper(true); });
  addEventListener('afterprint', function () { onPaper(false); });
  new ResizeObserver(function () {
    boxes.forEach(function (b) {
      var width = Math.max(200, b.box.clientWidth);
      if (width !== b.plot.width) b.plot.setSize({ width: width, height: b.plot.height });
    });
  }).observe(place);
})();
